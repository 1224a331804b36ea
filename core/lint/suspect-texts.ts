/**
 * Texts that a model reads and a person does not see, or that tell the model what to do: names, titles and descriptions of tools,
 * of their schemas, of resources and of prompts go to models as they are. What a prompt or a resource says may tell a model what to do. Hidden characters are Unicode's controls, tags and zero-width ones; joiners are left
 * where a script or an emoji needs them.
 */
import { faultOf, type Fault, type Path } from '../manifest/fault.ts'
import { isRecord, list, record } from '../manifest/record.ts'
import type { Finding, Scene } from './rules.ts'

export function suspectTexts({ mesh }: Scene): Finding[] {
  const members = new Set(mesh.nodes.map(({ member }) => member))
  const sound = new Set<string>()
  return [...members].flatMap(member => {
    const spec = record(record(member.manifest).spec)
    const faults: Fault[] = textFaults(spec.description, ['spec', 'description'])
    for (const [kind, keys] of Object.entries(described)) {
      for (const [i, offer] of list(spec[kind]).entries()) {
        const at: Path = ['spec', kind, i]
        const { text, ...rest } = record(offer)
        for (const key of keys) walk(rest[key], [...at, key], { faults, sound })
        if (typeof text === 'string') faults.push(...hiddenFaults(text, [...at, 'text']))
      }
    }
    return faults.map(fault => ({ member, fault }))
  })
}

/** By kind, what of an offer is told to models. */
const described = {
  tools: ['title', 'description', 'annotations', 'inputSchema', 'outputSchema'],
  resources: ['name', 'title', 'description'],
  prompts: ['title', 'description', 'arguments'],
}

/** What was found, and the texts that nothing was found in: schemas say the same words again and again. */
interface Seen {
  faults: Fault[]
  sound: Set<string>
}

function walk(value: unknown, path: Path, seen: Seen): void {
  if (typeof value === 'string') {
    if (seen.sound.has(value)) return
    const found = textFaults(value, path)
    if (found.length === 0) seen.sound.add(value)
    else seen.faults.push(...found)
  } else if (Array.isArray(value)) value.forEach((child, i) => walk(child, [...path, i], seen))
  else if (isRecord(value)) {
    for (const [key, child] of Object.entries(value))
      if (key !== 'pattern') walk(child, [...path, key], seen)
  }
}

/** Nothing here hides a character, so most texts are done with one look. */
const plain = /^[\t\n\r\x20-\x7e\u00a0-\u00ac\u00ae-\u024f]*$/
const hidden =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]|(?<![\p{L}\p{M}\p{Extended_Pictographic}\ufe0f])[\u200c\u200d]|[\u200c\u200d](?![\p{L}\p{M}\p{Extended_Pictographic}])/gu
/** The flags of England, Scotland and Wales are a black flag and tags. */
const flags = /\u{1f3f4}[\u{e0061}-\u{e007a}]+\u{e007f}/gu

const instructions = [
  /\b(?:ignore|disregard|forget|override)\b[^.]{0,40}\b(?:previous|prior|above|earlier|all|other|system)\b[^.]{0,30}\b(?:instructions?|prompts?|rules?|messages?)\b/i,
  /\b(?:do not|don't|never)\b[^.]{0,30}\b(?:tell|inform|mention|reveal|show|ask)\b[^.]{0,30}\b(?:the )?users?\b/i,
  /<\/?(?:important|system|instructions?|secret|hidden|admin)>/i,
  /\byou (?:must|should) (?:always|never|first|not)\b/i,
  /\b(?:before|instead of) (?:using|calling) (?:this|any|other|another)\b[^.]{0,40}\b(?:read|send|call|include|pass)\b/i,
  /\bsystem prompt\b/i,
  /\b(?:read|send|include|pass|exfiltrate)\b[^.]{0,60}(?:~\/\.|\.ssh\b|id_rsa\b|\.env\b|mcp\.json\b)/i,
]

function textFaults(text: unknown, path: Path): Fault[] {
  if (typeof text !== 'string' || text === '') return []
  const faults = hiddenFaults(text, path)
  const bare = faults.length > 0 ? text.replace(hidden, '') : text
  const instruction = instructions
    .map(each => each.exec(bare)?.[0])
    .find(each => each !== undefined)
  if (instruction !== undefined) {
    const message = `the text tells a model what to do: "${instruction.replace(/\s+/g, ' ').slice(0, 80)}"`
    const says = meant[String(path[1])] ?? 'what the tool does'
    const mend = `say ${says}, and leave what the model has to do to the model and its user`
    const more = { severity: 'warning', part: instruction, mend } as const
    faults.push(faultOf('MESH_TEXT_INSTRUCTING', path, message, more))
  }
  return faults
}

const meant: Readonly<Record<string, string>> = {
  resources: 'what the resource holds',
  prompts: 'what the prompt is for',
}

function hiddenFaults(text: string, path: Path): Fault[] {
  const found = plain.test(text) ? [] : [...text.replace(flags, '').matchAll(hidden)].map(String)
  const characters = [...new Set(found)]
  if (characters.length === 0) return []
  const names = characters.slice(0, 5).map(nameOf).join(', ')
  const message = `the text holds ${found.length} hidden ${found.length === 1 ? 'character' : 'characters'} (${names}): models read what people do not see`
  const fix = { from: characters, to: '' }
  const mend = 'remove them: meshctl validate --fix does'
  return [faultOf('MESH_TEXT_HIDDEN', path, message, { fix, mend })]
}

/** `U+200B`. */
function nameOf(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`
}
