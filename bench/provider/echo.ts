/** The tool behind every call that bench/proxy-overhead.ts measures. */
export const echo = ({ text }: { text: string }) => ({ text })
