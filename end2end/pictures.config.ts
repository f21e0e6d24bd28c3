/** `npm run pictures`: every page in its states, to be looked at. Lands in target/pictures/<state>.<project>.png. */
import { defineConfig, devices } from '@playwright/test'
import { chromium } from './support/chromium.ts'

export default defineConfig({
  testDir: 'pictures',
  outputDir: '../target/pictures-failed',
  reporter: 'list',
  workers: 2,
  fullyParallel: true,
  use: { launchOptions: chromium, locale: 'en-US', timezoneId: 'UTC', actionTimeout: 10_000 },
  projects: (['light', 'dark'] as const).flatMap((colorScheme) => [
    { name: `desktop-${colorScheme}`, use: { ...devices['Desktop Chrome'], colorScheme } },
    { name: `phone-${colorScheme}`, use: { ...devices['Pixel 7'], colorScheme } },
  ]),
})
