import { Button, ToggleGroup, ToggleGroupItem } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useSearchParams } from 'react-router';

import { type Artifact, rawQuery } from '../../api/artifacts';
import { bytesText } from '../../common/bytes';
import { Copyable } from '../../common/Copyable';
import { Loaded } from '../../common/Loaded';
import { ToneLabel } from '../../common/StatusWord';
import { announce } from '../../shell/announce';
import { changed } from '../artifacts/filter';
import { handOver } from '../artifacts/download';

interface Raw {
  bytes: ArrayBuffer;
  text: string;
  sha256: string | null;
}

/** Whether the bytes are those that the hash was stored of, as this browser computed it. */
function Verified({ computed, stored }: { computed: string | null; stored: string }) {
  if (computed === null) return <ToneLabel tone="quiet">This browser computes no SHA-256 for a page without https</ToneLabel>;
  if (computed === stored) return <ToneLabel tone="good">SHA-256 verified in this browser</ToneLabel>;
  return <ToneLabel tone="danger">SHA-256 differs: these bytes give {computed}</ToneLabel>;
}

const shownAtOnce = 200_000;

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function Code({ text }: { text: string }) {
  const [whole, setWhole] = useState(false);
  const cut = !whole && text.length > shownAtOnce;
  return (
    <>
      <pre className="ev-code" tabIndex={0} role="region" aria-label="Stored bytes">
        {cut ? text.slice(0, shownAtOnce) : text}
      </pre>
      {cut && (
        <Button variant="link" isInline onClick={() => setWhole(true)}>
          Show all {bytesText(text.length)}
        </Button>
      )}
    </>
  );
}

function Bytes({ raw, artifact }: { raw: Raw; artifact: Artifact }) {
  const [parameters, setParameters] = useSearchParams();
  const verbatim = parameters.get('form') === 'verbatim';
  const shown = useMemo(() => (verbatim ? raw.text : pretty(raw.text)), [verbatim, raw.text]);
  const show = (form: string) => setParameters(changed(parameters, { form }), { replace: true });
  const copy = () =>
    navigator.clipboard.writeText(shown).then(
      () => announce('Copied'),
      () => announce('The browser did not allow to copy'),
    );
  return (
    <>
      <div className="ev-actions">
        <ToggleGroup aria-label="Form" isCompact>
          <ToggleGroupItem text="Pretty" isSelected={!verbatim} onChange={() => show('')} />
          <ToggleGroupItem text="Verbatim" isSelected={verbatim} onChange={() => show('verbatim')} />
        </ToggleGroup>
        <Button variant="secondary" size="sm" onClick={() => void copy()}>
          Copy
        </Button>
        <Button variant="secondary" size="sm" onClick={() => handOver(new Blob([raw.bytes]), `${artifact.id}.json`)}>
          Download {bytesText(raw.bytes.byteLength)}
        </Button>
        <Verified computed={raw.sha256} stored={artifact.content_sha256 ?? ''} />
      </div>
      <p>
        SHA-256: <Copyable text={artifact.content_sha256 ?? ''} name="the SHA-256" />
      </p>
      <Code key={String(verbatim)} text={shown} />
    </>
  );
}

/** The bytes that are stored: what the hash is of. */
export function RawTab({ artifact }: { artifact: Artifact }) {
  const query = useQuery(rawQuery(artifact.id));
  return <Loaded query={query}>{(raw) => <Bytes raw={raw} artifact={artifact} />}</Loaded>;
}
