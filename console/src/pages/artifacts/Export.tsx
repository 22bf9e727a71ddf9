import { Alert, AlertActionCloseButton, Button, Dropdown, DropdownItem, DropdownList, MenuToggle } from '@patternfly/react-core';
import { useRef, useState } from 'react';

import { bytesText } from '../../common/bytes';
import { Copyable } from '../../common/Copyable';
import { plural } from '../../common/format';
import { ProblemCard } from '../../common/ProblemCard';
import { announce } from '../../shell/announce';
import { type ExportForm, exportForms, exportList, type Received, targetOf } from './download';

// Beyond this a file is written while it comes; what is shorter goes to the downloads without a question.
const longList = 20_000;

type State =
  | { step: 'coming'; bytes: number }
  | { step: 'done'; name: string; received: Received }
  | { step: 'failed'; error: unknown };

const isAbort = (error: unknown) => error instanceof DOMException && error.name === 'AbortError';

/** An export as it goes on: its state, how to begin one and how to end it. `noun`: what one of its lines is. */
export function useExport(url: string, count: number | undefined, noun = 'artifact') {
  const [state, setState] = useState<State | null>(null);
  const running = useRef<AbortController>(null);
  const begin = async (form: ExportForm) => {
    const name = `${noun}s.${exportForms[form].ending}`;
    const { signal } = (running.current = new AbortController());
    try {
      const target = await targetOf(name, count === undefined || count > longList);
      setState({ step: 'coming', bytes: 0 });
      const onBytes = (bytes: number) => setState({ step: 'coming', bytes });
      const received = await exportList({ url, form, target, signal, onBytes });
      setState({ step: 'done', name, received });
      announce('The export is done');
    } catch (error) {
      setState(isAbort(error) ? null : { step: 'failed', error });
    }
  };
  const cancel = () => running.current?.abort();
  return { state, begin, cancel, clear: () => setState(null), noun };
}

type Export = ReturnType<typeof useExport>;

export function ExportMenu({ made, count }: { made: Export; count: number | undefined }) {
  const [open, setOpen] = useState(false);
  const all = count === undefined ? 'All' : plural(count, made.noun);
  return (
    <Dropdown
      isOpen={open}
      onOpenChange={setOpen}
      popperProps={{ position: 'end', appendTo: 'inline' }}
      toggle={(ref) => (
        <MenuToggle
          ref={ref}
          isExpanded={open}
          isDisabled={made.state?.step === 'coming'}
          onClick={() => setOpen(!open)}
        >
          Export
        </MenuToggle>
      )}
    >
      <DropdownList>
        {(Object.keys(exportForms) as ExportForm[]).map((form) => (
          <DropdownItem
            key={form}
            description={made.noun === 'artifact' ? `${all}, ${exportForms[form].what}` : all}
            onClick={() => {
              setOpen(false);
              void made.begin(form);
            }}
          >
            {exportForms[form].title}
          </DropdownItem>
        ))}
      </DropdownList>
    </Dropdown>
  );
}

interface DoneProperties {
  name: string;
  noun: string;
  received: Received;
  onClose: () => void;
}

function Done({ name, noun, received, onClose }: DoneProperties) {
  const { trailer, bytes } = received;
  const cutOff = name.endsWith(exportForms.ndjson.ending) && trailer === null;
  return (
    <Alert
      isInline
      variant={cutOff ? 'danger' : 'success'}
      title={cutOff ? `${name} is cut off` : `${name}: ${bytesText(bytes)}`}
      actionClose={<AlertActionCloseButton aria-label="Close" onClose={onClose} />}
    >
      {trailer !== null && (
        <>
          <p>{plural(trailer.count, noun)}. SHA-256 of all lines before the last one:</p>
          <Copyable text={trailer.sha256} name="the SHA-256" />
        </>
      )}
      {cutOff && <p>Its last line, with count and SHA-256, is missing. Export it again.</p>}
    </Alert>
  );
}

/** How an export goes on, or how it went. */
export function ExportState({ made }: { made: Export }) {
  const { state } = made;
  if (state === null) return null;
  if (state.step === 'failed') return <ProblemCard error={state.error} title="The export failed" onRetry={made.clear} />;
  if (state.step === 'done') {
    return <Done name={state.name} noun={made.noun} received={state.received} onClose={made.clear} />;
  }
  return (
    <Alert
      isInline
      variant="info"
      title={`Exporting: ${bytesText(state.bytes)}`}
      actionLinks={
        <Button variant="link" isInline onClick={made.cancel}>
          Cancel
        </Button>
      }
    />
  );
}
