/** `workflow.read` is another way to write `workflow:read`; tokens carry the second. */
export function canonical(permission: string): string {
  return permission.includes(':') ? permission : permission.replace('.', ':')
}
