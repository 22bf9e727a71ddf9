import { PageSection, Wizard, WizardStep } from '@patternfly/react-core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { useNavigate } from 'react-router';

import { createSource, newSubmission } from '../../api/actions';
import { useMay } from '../../api/session';
import { useNow } from '../../common/clock';
import { mayBeTried, nothingTyped } from '../../common/CredentialFields';
import { PageHead } from '../../common/PageHead';
import { announce } from '../../shell/announce';
import { usePage } from '../../shell/page';
import { BeforeStep } from './BeforeStep';
import { type Draft, emptyDraft, inputOf, shownCommand } from './draft';
import { PasteStep } from './PasteStep';
import { ProbeStep } from './ProbeStep';
import { ScheduleStep } from './ScheduleStep';
import { TokenStep } from './TokenStep';
import { useProbe } from './useProbe';

/** Creates the source; the same submission sent again creates nothing twice. */
function useCreate(forget: () => void) {
  const navigate = useNavigate();
  const queries = useQueryClient();
  const submission = useRef<{ text: string; key: string }>({ text: '', key: '' });
  return useMutation({
    mutationFn: (draft: Draft) => {
      const text = JSON.stringify(inputOf(draft));
      if (submission.current.text !== text) submission.current = { text, key: newSubmission() };
      return createSource(inputOf(draft), submission.current.key);
    },
    onSuccess: async (source) => {
      submission.current = { text: '', key: '' };
      forget();
      announce(`${source.name} is registered`);
      await queries.invalidateQueries();
      void navigate(source.last_sync ? `/syncs/${source.last_sync.id}` : `/sources/${source.id}`);
    },
  });
}

function Steps() {
  const [draft, setDraft] = useState(emptyDraft);
  const change = (part: Partial<Draft>) => setDraft((now) => ({ ...now, ...part }));
  const now = useNow();
  const navigate = useNavigate();
  const probe = useProbe(draft);
  const create = useCreate(() => change({ credential: nothingTyped }));
  const named = draft.name.trim() !== '';
  const typed = named && mayBeTried(draft.credential, now);
  const probed = typed && probe.validation?.valid === true;
  return (
    <Wizard
      isVisitRequired
      navAriaLabel="Steps"
      onClose={() => void navigate('/sources')}
      onSave={() => create.mutate(draft)}
      onStepChange={(_event, step) => {
        if (step.id === 'step-probe') probe.start();
      }}
    >
      <WizardStep name="Before you start" id="step-before" footer={{ isNextDisabled: !named }}>
        <BeforeStep draft={draft} onChange={change} />
      </WizardStep>
      <WizardStep name="Create the token" id="step-token" isDisabled={!named}>
        <TokenStep draft={draft} onChange={change} />
      </WizardStep>
      <WizardStep name="Paste it" id="step-paste" isDisabled={!named} footer={{ isNextDisabled: !typed }}>
        <PasteStep draft={draft} onChange={change} />
      </WizardStep>
      <WizardStep name="Probe and choose" id="step-probe" isDisabled={!typed} footer={{ isNextDisabled: !probed }}>
        <ProbeStep draft={draft} onChange={change} probe={probe} />
      </WizardStep>
      <WizardStep
        name="Schedule and reminders"
        id="step-schedule"
        isDisabled={!probed}
        footer={{
          nextButtonText: draft.startSync ? 'Create and sync' : 'Create',
          isNextDisabled: create.isPending,
          nextButtonProps: { isLoading: create.isPending },
        }}
      >
        <ScheduleStep draft={draft} onChange={change} error={create.error} />
      </WizardStep>
    </Wizard>
  );
}

export default function AddSource() {
  usePage({ title: 'Add source', apiUrl: '/v1/sources?validate_only=true', command: shownCommand(emptyDraft) });
  const may = useMay('admin', 'operator');
  return (
    <>
      <PageHead title="Add source" above={[['Sources', '/sources']]}>
        An Atlassian account and the workspaces of Bitbucket Cloud that it sees. Nothing pops up, and nothing is stored
        before the last step.
      </PageHead>
      <PageSection hasBodyWrapper={false} aria-label="Steps">
        {may ? <Steps /> : <p>Operators and administrators add sources: sign in with such a key.</p>}
      </PageSection>
    </>
  );
}
