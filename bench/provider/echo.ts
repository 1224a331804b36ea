/** The tool behind every call that bench/proxy-overhead.ts measures, and what its process keeps of them. */
import { heapBytes } from '../heap.ts'

export const echo = ({ text }: { text: string }) => ({ text })

export const heap = async () => ({ bytes: await heapBytes() })
