import { Button, Form, FormGroup, FormHelperText, HelperText, HelperTextItem, TextInput } from '@patternfly/react-core';
import { type SubmitEvent, useState } from 'react';

import { ProblemCard } from './ProblemCard';

interface KeyEntryProperties {
  /** What was refused before, by other means. */
  refused?: unknown;
  /** Signs in. Throws ApiError. */
  onKey: (key: string) => Promise<void>;
}

/** Asks for an API key and signs in with it. The key is gone from the page once it is sent. */
export function KeyEntry({ refused = null, onKey }: KeyEntryProperties) {
  const [key, setKey] = useState('');
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const error = failure ?? refused;
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    setBusy(true);
    setFailure(null);
    setKey('');
    onKey(key.trim())
      .catch(setFailure)
      .finally(() => setBusy(false));
  };
  return (
    <>
      {error !== null && <ProblemCard error={error} />}
      <Form onSubmit={submit}>
        <FormGroup label="API key" isRequired fieldId="key">
          <TextInput
            id="key"
            type="password"
            autoComplete="off"
            autoFocus
            isRequired
            value={key}
            aria-describedby="key-help"
            onChange={(_event, value) => setKey(value)}
          />
          <FormHelperText>
            <HelperText>
              <HelperTextItem id="key-help">
                It begins with <code>ev_</code>. Its roles decide what you see. No key at hand? On the machine of the
                daemon, <code>evidenced key link</code> prints a link that signs in once.
              </HelperTextItem>
            </HelperText>
          </FormHelperText>
        </FormGroup>
        <Button type="submit" isBlock isLoading={busy} isDisabled={busy || key.trim() === ''}>
          Sign in
        </Button>
      </Form>
    </>
  );
}
