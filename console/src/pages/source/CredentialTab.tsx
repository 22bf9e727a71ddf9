import { Button, DescriptionList, Label } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { testSource } from '../../api/actions';
import type { Schemas } from '../../api/client';
import { credentialQuery, type Source } from '../../api/queries';
import { useMay } from '../../api/session';
import { Expiry } from '../../common/Expiry';
import { Fact } from '../../common/Fact';
import { Loaded } from '../../common/Loaded';
import { ProblemCard } from '../../common/ProblemCard';
import { Time } from '../../common/Time';
import { useAction } from '../../common/useAction';
import { ValidationReport } from '../wizard/ValidationReport';
import { Calendar } from './Calendar';
import { RotateModal } from './RotateModal';

function Facts({ credential, refused }: { credential: Schemas['Credential']; refused: boolean }) {
  return (
    <>
      <DescriptionList isCompact isAutoFit>
        <Fact name="E-mail">
          <span className="ev-wrap">{credential.email}</span>
        </Fact>
        <Fact name="Expires">
          <Expiry
            at={credential.expires_at}
            daysLeft={credential.days_left}
            source={credential.expiry_source}
            refused={refused}
          />
        </Fact>
        <Fact name="Fingerprint">
          <code>{credential.fingerprint}</code>
        </Fact>
        <Fact name="Last accepted by Bitbucket">
          <Time at={credential.last_verified_at} none="never" />
        </Fact>
        <Fact name="Set">
          <Time at={credential.created_at} /> (version {credential.version})
        </Fact>
      </DescriptionList>
      <DescriptionList isCompact className="ev-scopes">
        <Fact name="Scopes">
          <div className="ev-labels">
            {credential.scopes.map((scope) => (
              <Label
                key={scope}
                isCompact
                variant="outline"
                color={/:?(write|delete):?/.test(scope) ? 'orange' : 'grey'}
              >
                {scope}
              </Label>
            ))}
          </div>
        </Fact>
      </DescriptionList>
    </>
  );
}

/** The token of a source: what is known of it, and how it is tried and replaced. */
export function CredentialTab({ source }: { source: Source }) {
  const may = useMay('admin', 'operator');
  const query = useQuery({ ...credentialQuery(source.id), enabled: may });
  const [rotating, setRotating] = useState(false);
  const test = useAction({ run: () => testSource(source.id), done: () => 'Bitbucket has answered' });
  if (!may) return <p className="ev-quiet">Operators and administrators see the credential.</p>;
  return (
    <>
      <Loaded query={query}>
        {(credential) => <Facts credential={credential} refused={source.state === 'needs_credential'} />}
      </Loaded>
      <div className="ev-part ev-actions">
        <Button onClick={() => setRotating(true)}>Rotate…</Button>
        <Button variant="secondary" isLoading={test.isPending} onClick={() => test.mutate(undefined)}>
          Test now
        </Button>
      </div>
      {test.isError && <ProblemCard error={test.error} />}
      {test.data && <ValidationReport validation={test.data} />}
      <Calendar />
      {rotating && <RotateModal source={source} onGone={() => setRotating(false)} />}
    </>
  );
}
