import { Alert, Button, Checkbox, Content, Spinner } from '@patternfly/react-core';

import type { Schemas } from '../../api/client';
import { ProblemCard } from '../../common/ProblemCard';
import type { StepProperties } from './StepProperties';
import type { Probe } from './useProbe';
import { ValidationReport } from './ValidationReport';

type Workspace = Schemas['Validation']['workspaces_visible'][number];

interface WorkspacesProperties extends StepProperties {
  seen: Workspace[];
  /** Who sees them. */
  account: string;
}

function Workspaces({ seen, account, draft, onChange }: WorkspacesProperties) {
  const all = draft.workspaces.length === 0;
  const toggle = (slug: string, on: boolean) =>
    onChange({
      workspaces: on ? [...draft.workspaces, slug] : draft.workspaces.filter((each) => each !== slug),
    });
  return (
    <fieldset className="ev-part" aria-describedby="workspaces-help">
      <legend>
        <strong>Workspaces</strong>
      </legend>
      <Checkbox
        id="workspaces-all"
        label="All that the account sees, also those that it joins later"
        isChecked={all}
        onChange={(_event, on) => onChange({ workspaces: on ? [] : seen.map((workspace) => workspace.slug) })}
      />
      {seen.map((workspace) => (
        <Checkbox
          key={workspace.uuid}
          id={`workspace-${workspace.slug}`}
          label={<bdi>{workspace.name ?? workspace.slug}</bdi>}
          description={`${workspace.slug}${workspace.administrator ? ' · the account is administrator' : ''}`}
          isChecked={all || draft.workspaces.includes(workspace.slug)}
          isDisabled={all}
          onChange={(_event, on) => toggle(workspace.slug, on)}
        />
      ))}
      <p id="workspaces-help" className="ev-quiet">
        One is not listed? Add <bdi>{account}</bdi> to it as a member, then probe again.
      </p>
    </fieldset>
  );
}

/** It says nothing about the credential: Bitbucket did not answer. */
const notReached = ({ checks }: Schemas['Validation']) => checks.some(({ code }) => code?.startsWith('upstream.'));

const seesNone = ({ checks }: Schemas['Validation']) =>
  checks.some(({ id, code }) => id === 'workspaces' && code === 'credential.reach_empty');

/** What the credential can do, line by line, and which workspaces are to be covered. */
export function ProbeStep({ probe, ...step }: StepProperties & { probe: Probe }) {
  const { validation } = probe;
  const account = validation?.account?.name ?? validation?.account?.uuid ?? step.draft.credential.email;
  return (
    <>
      <Content component="h2">Probe and choose</Content>
      <div aria-live="polite">
        {probe.isRunning && (
          <p>
            <Spinner isInline aria-label="Asking Bitbucket" /> Asking Bitbucket: name, connection, account, workspaces,
            scopes…
          </p>
        )}
        {probe.error !== null && <ProblemCard error={probe.error} onRetry={probe.again} />}
        {validation && !validation.valid && (
          <Alert
            component="h3"
            isInline
            variant="danger"
            className="ev-problem"
            title={
              notReached(validation)
                ? 'Bitbucket could not be asked: nothing is stored'
                : 'This credential cannot be used as it is: nothing is stored'
            }
          />
        )}
        {validation?.valid && (
          <Alert
            component="h3"
            isInline
            variant="success"
            className="ev-problem"
            title={`Signed in as ${account}`}
          />
        )}
      </div>
      {validation && <ValidationReport validation={validation} />}
      {validation && (validation.workspaces_visible.length > 0 || seesNone(validation)) && (
        <Workspaces seen={validation.workspaces_visible} account={account} {...step} />
      )}
      <Button variant="secondary" className="ev-part" isDisabled={probe.isRunning} onClick={probe.again}>
        Probe again
      </Button>
    </>
  );
}
