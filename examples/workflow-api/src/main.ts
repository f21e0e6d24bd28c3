import { start } from './service.ts'
import { settingsFrom } from './settings.ts'

const settings = settingsFrom(process.env)
const service = await start(settings)
console.log(`Workflow API: http://localhost:${service.port} (trusts ${settings.issuer})`)

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void service.stop())
