import type { ServerResponse } from 'node:http';
import { deflateSync } from 'node:zlib';
import { BEGIN_NS, HOSTILE } from './synthetic';

/** The policy that the viewer's host sends with every file. */
export const FILE_POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'";

export interface FakeAttachment {
  readonly id: string;
  /** Milliseconds after the process began. */
  readonly at: number;
  readonly name: string;
  readonly mediaType: string;
  readonly content: Uint8Array;
  readonly complete: boolean;
}

const text = (content: string): Uint8Array => new TextEncoder().encode(content);
const SCRIPT = '<script>window.hostile = true</script>';

/** Seconds apart: an image, a page that says that it is one, an image that is a document, text; two that lie a millisecond apart, and one that did not arrive. */
export const ATTACHMENTS: readonly FakeAttachment[] = [
  { id: '0198c0de-0000-7000-8000-0000000000f1', at: 1500, name: 'before.png', mediaType: 'image/png', content: picture(480, 270), complete: true },
  { id: '0198c0de-0000-7000-8000-0000000000f2', at: 3500, name: HOSTILE.name, mediaType: 'image/png', content: text(`<html>${SCRIPT}</html>`), complete: true },
  { id: '0198c0de-0000-7000-8000-0000000000f3', at: 5500, name: 'drawing.svg', mediaType: 'image/svg+xml', content: text(`<svg xmlns="http://www.w3.org/2000/svg">${SCRIPT}</svg>`), complete: true },
  { id: '0198c0de-0000-7000-8000-0000000000f4', at: 7500, name: 'a\u202egnp.exe', mediaType: HOSTILE.value, content: text('hello'), complete: true },
  { id: '0198c0de-0000-7000-8000-0000000000f5', at: 9000, name: 'one.txt', mediaType: 'text/plain', content: text('1'), complete: true },
  { id: '0198c0de-0000-7000-8000-0000000000f6', at: 9001, name: 'two.txt', mediaType: 'text/plain', content: text('2'), complete: true },
  { id: '0198c0de-0000-7000-8000-0000000000f7', at: 10_500, name: 'crash.dmp', mediaType: 'image/png', content: text('half'), complete: false },
];

export function fakeAttachmentWindow(sent: readonly FakeAttachment[], query: URLSearchParams): Record<string, unknown> {
  const [from, to] = ['from_ns', 'to_ns'].map((key) => Number(BigInt(query.get(key)!) - BEGIN_NS)) as [number, number];
  const step = Math.ceil((to - from) / 600);
  const buckets = new Map<number, FakeAttachment[]>();
  for (const file of sent) {
    const ns = file.at * 1e6;
    if (ns < from || ns >= to) continue;
    const bucket = Math.floor((ns - from) / step);
    buckets.set(bucket, [...(buckets.get(bucket) ?? []), file]);
  }
  const absolute = (ms: number): string => String(BEGIN_NS + BigInt(ms * 1e6));
  return {
    attachments: [...buckets.values()].map((all) => ({
      attachment_id: all[0]!.id, time_ns: absolute(all[0]!.at), last_ns: absolute(all.at(-1)!.at), media_type: all[0]!.mediaType, name: all[0]!.name,
      bytes: String(all[0]!.content.length), complete: all[0]!.complete, count: all.length,
    })),
  };
}

/** As the host: an image is shown if it is one, anything else is a download. */
export function answerFile(file: FakeAttachment | undefined, response: ServerResponse): void {
  response.setHeader('content-security-policy', FILE_POLICY);
  response.setHeader('x-content-type-options', 'nosniff');
  if (!file?.complete) {
    response.statusCode = 404;
    response.end();
    return;
  }
  const shown = file.mediaType === 'image/png' && file.content[0] === 0x89;
  response.setHeader('content-type', shown ? 'image/png' : 'application/octet-stream');
  response.setHeader('content-disposition', `${shown ? 'inline' : 'attachment'}; filename=file`);
  response.end(file.content);
}

/** A PNG of a slope of colours. */
function picture(width: number, height: number): Uint8Array {
  const rows = Buffer.alloc(height * (1 + 3 * width));
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) rows.set([(255 * x) / width, (255 * y) / height, 160], y * (1 + 3 * width) + 1 + 3 * x);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2], 8);
  return Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), part('IHDR', header), part('IDAT', deflateSync(rows)), part('IEND', Buffer.alloc(0))]);
}

function part(type: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'ascii'), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc(named));
  return Buffer.concat([length, named, sum]);
}

/** CRC-32, as PNG has it. */
function crc(bytes: Uint8Array): number {
  let value = 0xffffffff;
  for (const byte of bytes) {
    value ^= byte;
    for (let bit = 0; bit < 8; bit++) value = (value >>> 1) ^ (value & 1 ? 0xedb88320 : 0);
  }
  return (value ^ 0xffffffff) >>> 0;
}
