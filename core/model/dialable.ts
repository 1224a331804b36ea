/**
 * Whether a URL may be called at all: HTTP, without credentials, and no link-local address, under which clouds offer the
 * secrets of the machine. Asked again wherever somebody else says where to call.
 */
export function isDialable(url: string): boolean {
  if (!URL.canParse(url)) return false
  const { protocol, username, password, hostname } = new URL(url)
  const isHttp = protocol === 'http:' || protocol === 'https:'
  const isLinkLocal = /^(169\.254\.|\[fe[89ab]|\[::ffff:a9fe:|\[fd00:ec2::254\])/i.test(hostname)
  return isHttp && username === '' && password === '' && !isLinkLocal
}
