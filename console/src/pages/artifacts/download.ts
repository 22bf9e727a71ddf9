import { refusalOf, unreachable } from '../../api/problem';

/** The forms that a whole list can be had in. */
export const exportForms = {
  csv: { type: 'text/csv', ending: 'csv', title: 'CSV', what: 'without contents' },
  ndjson: { type: 'application/x-ndjson', ending: 'ndjson', title: 'NDJSON', what: 'with contents' },
} as const;
export type ExportForm = keyof typeof exportForms;

export interface Received {
  bytes: number;
  /** What the last line says, where the form has one. */
  trailer: Trailer | null;
}

export interface Trailer {
  count: number;
  /** Of all bytes before the last line. */
  sha256: string;
}

/** The last line of an export, in its last bytes; null: it has none, or it is cut off. */
export function trailerIn(end: string): Trailer | null {
  const line = end.trimEnd().split('\n').at(-1) ?? '';
  try {
    const { trailer } = JSON.parse(line) as { trailer?: Partial<Trailer> };
    if (typeof trailer?.count !== 'number' || typeof trailer.sha256 !== 'string') return null;
    return { count: trailer.count, sha256: trailer.sha256 };
  } catch {
    return null;
  }
}

const endKept = 1_024;

/** Passes everything on, and counts it. */
function counter(onBytes: (bytes: number) => void) {
  const state = { bytes: 0, end: new Uint8Array(0) };
  const through = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform(chunk, out) {
      state.bytes += chunk.byteLength;
      const joined = new Uint8Array(state.end.byteLength + Math.min(chunk.byteLength, endKept));
      joined.set(state.end);
      joined.set(chunk.subarray(-endKept), state.end.byteLength);
      state.end = joined.slice(-endKept);
      onBytes(state.bytes);
      out.enqueue(chunk);
    },
  });
  const received = (): Received => ({ bytes: state.bytes, trailer: trailerIn(new TextDecoder().decode(state.end)) });
  return { through, received };
}

interface SaveOptions {
  suggestedName: string;
}
interface SavedFile {
  createWritable: () => Promise<WritableStream<Uint8Array<ArrayBuffer>>>;
}
type Picker = (options: SaveOptions) => Promise<SavedFile>;

/** Where an export goes to: a file that is written while it comes, or the browser's downloads once it is whole. */
type Target = (stream: ReadableStream<Uint8Array<ArrayBuffer>>, signal: AbortSignal) => Promise<void>;

/** Hands something over to the browser's downloads. */
export function handOver(blob: Blob, name: string) {
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // Not at once: the download has to begin before its address may go.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** Asks for a file where the browser can write one and the list is long; throws AbortError when nobody names one. */
export async function targetOf(name: string, long: boolean): Promise<Target> {
  const { showSaveFilePicker } = window as { showSaveFilePicker?: Picker };
  if (!long || showSaveFilePicker === undefined) {
    return async (stream) => handOver(await new Response(stream).blob(), name);
  }
  const file = await showSaveFilePicker({ suggestedName: name });
  const writable = await file.createWritable();
  return (stream, signal) => stream.pipeTo(writable, { signal });
}

interface Asked {
  url: string;
  form: ExportForm;
  target: Target;
  signal: AbortSignal;
  onBytes: (bytes: number) => void;
}

async function answerOf({ url, form, signal }: Asked): Promise<Response> {
  const headers = { Accept: exportForms[form].type };
  return fetch(url, { headers, signal, credentials: 'same-origin' }).catch((failure: unknown) => {
    if (failure instanceof DOMException && failure.name === 'AbortError') throw failure;
    throw unreachable();
  });
}

/** Brings a whole list to its target. Throws ApiError, and AbortError when the signal says so. */
export async function exportList(asked: Asked): Promise<Received> {
  const response = await answerOf(asked);
  if (!response.ok || response.body === null) {
    const body: unknown = await response.json().catch(() => null);
    throw refusalOf(response, body);
  }
  const { through, received } = counter(asked.onBytes);
  await asked.target(response.body.pipeThrough(through), asked.signal);
  return received();
}
