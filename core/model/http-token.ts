/** What HTTP takes as the name of a header: a token (RFC 9110, section 5.6.2), in either case. */
const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/

export const isHttpToken = (text: string): boolean => token.test(text)
