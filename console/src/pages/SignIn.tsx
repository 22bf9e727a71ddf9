import {
  Brand,
  Button,
  Card,
  CardBody,
  CardTitle,
  Form,
  FormGroup,
  FormHelperText,
  HelperText,
  HelperTextItem,
  TextInput,
  Title,
} from '@patternfly/react-core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type SubmitEvent, useEffect, useRef, useState } from 'react';
import { Navigate, useLocation, useNavigate } from 'react-router';

import { sessionQuery, signIn } from '../api/session';
import { ProblemCard } from '../common/ProblemCard';
import icon from '../icon.svg';

/** Takes the code out of the address before anything else sees it. */
function takeCode(): string | null {
  const code = new URLSearchParams(window.location.hash.slice(1)).get('code');
  if (code !== null) window.history.replaceState(window.history.state, '', window.location.pathname);
  return code;
}

const firstCode = takeCode();

/** Where somebody wanted to go before they were asked who they are. */
const useFrom = () => (useLocation().state as { from?: string } | null)?.from ?? '/';

function useWayIn() {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const from = useFrom();
  return async (by: { key: string } | { code: string }) => {
    const session = await signIn(by);
    queries.setQueryData(sessionQuery.queryKey, session);
    void navigate(from, { replace: true });
  };
}

function useLink(onFailed: (error: unknown) => void, enter: (by: { code: string }) => Promise<void>) {
  const used = useRef(false);
  useEffect(() => {
    if (firstCode === null || used.current) return;
    used.current = true;
    enter({ code: firstCode }).catch(onFailed);
  });
}

function KeyForm({ busy, onKey }: { busy: boolean; onKey: (key: string) => void }) {
  const [key, setKey] = useState('');
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    onKey(key.trim());
    setKey('');
  };
  return (
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
  );
}

export default function SignIn() {
  const session = useQuery(sessionQuery);
  const from = useFrom();
  const enter = useWayIn();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  useLink(setError, enter);
  useEffect(() => {
    document.title = 'Sign in · evidenced';
  }, []);
  if (session.data && firstCode === null) return <Navigate to={from} replace />;
  const tryKey = (key: string) => {
    setBusy(true);
    setError(null);
    enter({ key })
      .catch(setError)
      .finally(() => setBusy(false));
  };
  return (
    <main className="ev-alone">
      <Card>
        <CardTitle>
          <Title headingLevel="h1" size="2xl" className="ev-sign-in-title">
            <Brand src={icon} alt="" heights={{ default: '36px' }} /> evidenced
          </Title>
          <p className="ev-quiet">Evidence from Bitbucket Cloud</p>
        </CardTitle>
        <CardBody>
          {error !== null && <ProblemCard error={error} />}
          <KeyForm busy={busy} onKey={tryKey} />
        </CardBody>
      </Card>
    </main>
  );
}
