import { defineConfig, devices } from '@playwright/test'
import { chromium } from './support/chromium.ts'

export default defineConfig({
  outputDir: '../target/end2end',
  reporter: [['list'], ['json', { outputFile: '../target/end2end.json' }]],
  workers: 2,
  fullyParallel: false,
  forbidOnly: !!process.env.CI,
  timeout: 45_000,
  expect: { timeout: 10_000 },
  use: { launchOptions: chromium, screenshot: 'only-on-failure', actionTimeout: 10_000, locale: 'en-US' },
  projects: [
    { name: 'javascript', testDir: 'stories', use: devices['Desktop Chrome'] },
    {
      name: 'no-javascript',
      testDir: 'stories',
      testIgnore: '*.hydrate.spec.ts',
      use: { ...devices['Desktop Chrome'], javaScriptEnabled: false },
    },
    { name: 'phone', testDir: 'stories', use: devices['Pixel 7'] },
    { name: 'interop', testDir: 'interop' },
  ],
})
