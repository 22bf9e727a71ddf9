import { Brand, Card, CardBody, CardTitle, Title } from '@patternfly/react-core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { Navigate, useLocation, useNavigate } from 'react-router';

import { sessionQuery, signIn } from '../api/session';
import { KeyEntry } from '../common/KeyEntry';
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
    await signIn(queries, by);
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

export default function SignIn() {
  const session = useQuery(sessionQuery);
  const from = useFrom();
  const enter = useWayIn();
  const [error, setError] = useState<unknown>(null);
  useLink(setError, enter);
  useEffect(() => {
    document.title = 'Sign in · evidenced';
  }, []);
  if (session.data && firstCode === null) return <Navigate to={from} replace />;
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
          <KeyEntry refused={error} onKey={(key) => enter({ key })} />
        </CardBody>
      </Card>
    </main>
  );
}
