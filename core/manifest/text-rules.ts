/**
 * The texts of a manifest that follow a rule (names, versions, durations, tags, secrets, handlers, ...): the code of each,
 * what it takes in words, and how a text that breaks it was probably meant. Each pattern of our schemas has one; a test holds it.
 */
import type { Code } from '../model/codes.ts'
import {
  mendedDuration,
  mendedHandler,
  mendedPercent,
  mendedTag,
  mendedVersion,
  slug,
} from './mend-text.ts'

export interface TextRule {
  code: Code
  /** Where the schema has it: the pattern of its definition tells. */
  takes: string
  example: string
  /** The text as it was probably meant. */
  mended?: (text: string) => string | undefined
  longest: number
}

export const textRules = {
  DnsLabel: {
    code: 'MESH_NAME_INVALID',
    takes: 'lower-case letters, digits and dashes, with a letter or digit at both ends',
    example: 'my-agent',
    mended: text =>
      slug('-')(text.replace(/([a-z0-9])([A-Z])/g, '$1-$2').toLowerCase())
        .replace(/[._]+/g, '-')
        .slice(0, 63),
    longest: 63,
  },
  CapabilityName: {
    code: 'MESH_NAME_INVALID',
    takes: 'letters, digits, "_", "." and "-", with a letter or digit at both ends',
    example: 'date_service',
    mended: slug('_'),
    longest: 128,
  },
  ToolName: {
    code: 'MESH_NAME_INVALID',
    takes: 'letters, digits, "_", "." and "-"',
    example: 'say_hello',
    mended: slug('_'),
    longest: 64,
  },
  SlotName: {
    code: 'MESH_NAME_INVALID',
    takes: 'letters, digits, "_" and "$", and no digit at the start',
    example: 'date',
    mended: text =>
      slug('_')(text)
        .replace(/[.-]+/g, '_')
        .replace(/^(?=\d)/, '_'),
    longest: 64,
  },
  Version: {
    code: 'MESH_VERSION_INVALID',
    takes: 'a semantic version of three numbers',
    example: '1.0.0',
    mended: mendedVersion,
    longest: 128,
  },
  Duration: {
    code: 'MESH_DURATION_INVALID',
    takes: 'a number and a unit: ms, s, m or h',
    example: '2s',
    mended: mendedDuration,
    longest: 32,
  },
  Tag: {
    code: 'MESH_TAG_INVALID',
    takes: 'letters, digits and "_", ".", ":", "/", "-", with a letter or digit at both ends',
    example: 'english',
    mended: mendedTag,
    longest: 63,
  },
  TagTerm: {
    code: 'MESH_TAG_INVALID',
    takes: 't, +t or -t, where t has letters, digits and "_", ".", ":", "/", "-"',
    example: 'english, +fast or -deprecated',
    mended: text => (/^[+-]/.exec(text)?.[0] ?? '') + mendedTag(text),
    longest: 64,
  },
  Handler: {
    code: 'MESH_FIELD_INVALID',
    takes: 'a module beside the manifest (.ts, .mts, .js or .mjs) and, after #, its export',
    example: './hello.ts#hello',
    mended: mendedHandler,
    longest: 1024,
  },
  UrlPath: {
    code: 'MESH_FIELD_INVALID',
    takes: 'a path that starts with "/", without one at its end',
    example: '/mcp',
    mended: text =>
      `/${
        text
          .replace(/[^A-Za-z0-9._~/-]/g, '')
          .split('/')
          .filter(Boolean)
          .join('/') || 'mcp'
      }`,
    longest: 256,
  },
  Url: {
    code: 'MESH_FIELD_INVALID',
    takes: 'a URL that starts with http:// or https://, or a reference',
    example: 'http://agent.internal:9090/mcp',
    mended: text => (/^[\w.-]+(:\d+)?(\/[\w./-]*)?$/.test(text) ? `http://${text}` : undefined),
    longest: 2048,
  },
  Percent: {
    code: 'MESH_FIELD_INVALID',
    takes: 'a percentage from 0% to 100%',
    example: '20%',
    mended: mendedPercent,
    longest: 16,
  },
  IconSource: {
    code: 'MESH_FIELD_INVALID',
    takes: 'an address by https:, or a picture as data:image',
    example: 'https://example.com/icon.png',
    mended: text => text.replace(/^http:/i, 'https:'),
    longest: 16_384,
  },
  IconSize: {
    code: 'MESH_FIELD_INVALID',
    takes: 'a width and a height in pixels, or any',
    example: '48x48',
    mended: text => /^[1-9]\d{0,4}$/.exec(text.replace(/px$/, ''))?.map(n => `${n}x${n}`)[0],
    longest: 11,
  },
  HeaderName: {
    code: 'MESH_FIELD_INVALID',
    takes: 'the name of a header: letters, digits and dashes',
    example: 'X-Version',
    mended: slug('-'),
    longest: 128,
  },
  NamePrefix: {
    code: 'MESH_NAME_INVALID',
    takes: 'letters, digits, "_" and "-", with a letter or digit at both ends',
    example: 'fs',
    mended: text => slug('_')(text).replace(/\.+/g, '_').slice(0, 32),
    longest: 32,
  },
  NamespaceTerm: {
    code: 'MESH_NAME_INVALID',
    takes: '"*", or the name of a namespace',
    example: 'default',
    longest: 63,
  },
  EnvName: {
    code: 'MESH_NAME_INVALID',
    takes: 'the name of a variable: letters, digits and "_", and no digit at the start',
    example: 'API_KEY',
    mended: text =>
      slug('_')(text)
        .replace(/[.-]+/g, '_')
        .replace(/^(?=\d)/, '_'),
    longest: 128,
  },
  ArgumentName: {
    code: 'MESH_NAME_INVALID',
    takes: 'letters, digits, "_" and "-", with a letter or "_" at the start',
    example: 'code',
    mended: text =>
      slug('_')(text)
        .replace(/\.+/g, '_')
        .replace(/^(?=\d)/, '_'),
    longest: 64,
  },
  OwnToolName: {
    code: 'MESH_NAME_INVALID',
    takes: 'letters, digits, "_" and "-"',
    example: 'find_tools',
    mended: text => slug('_')(text).replace(/\.+/g, '_'),
    longest: 64,
  },
  Issuer: {
    code: 'MESH_FIELD_INVALID',
    takes: 'a URL that starts with http:// or https://',
    example: 'https://auth.example.com',
    mended: text => (/^[\w.-]+(:\d+)?(\/[\w./-]*)?$/.test(text) ? `https://${text}` : undefined),
    longest: 2048,
  },
  Pin: {
    code: 'MESH_FIELD_INVALID',
    takes: 'the digest of a tool: "sha256:" and 64 characters of 0-9 and a-f, as in mesh.lock',
    example: 'what meshctl lock writes',
    longest: 71,
  },
  ResourceUri: {
    code: 'MESH_FIELD_INVALID',
    takes: 'a URI with its scheme, without spaces and braces',
    example: 'docs://readme',
    longest: 2048,
  },
  UriTemplate: {
    code: 'MESH_FIELD_INVALID',
    takes: 'a URI template with its scheme, without spaces',
    example: 'users://{id}/profile',
    longest: 2048,
  },
  MimeType: {
    code: 'MESH_FIELD_INVALID',
    takes: 'a media type: two names with a "/" between them',
    example: 'text/markdown',
    longest: 255,
  },
  OwnFile: {
    code: 'MESH_FIELD_INVALID',
    takes: 'a file in the folder of the manifest, as a path that starts with "./"',
    example: './README.md',
    mended: text => (/^[\w-][\w./-]*$/.test(text) ? `./${text}` : undefined),
    longest: 1024,
  },
  Moment: {
    code: 'MESH_FIELD_INVALID',
    takes: 'a date as ISO 8601 has it: year, month and day, and the time behind a T',
    example: '2026-07-28T00:00:00Z',
    longest: 64,
  },
} satisfies Record<string, TextRule>
