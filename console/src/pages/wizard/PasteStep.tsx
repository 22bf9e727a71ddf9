import { Button, Content, Form, useWizardContext } from '@patternfly/react-core';

import { CredentialFields } from '../../common/CredentialFields';
import { tokenShape } from '../../common/shapeChecks';
import { SameElsewhere } from './SameElsewhere';
import type { StepProperties } from './StepProperties';

export function PasteStep({ draft, onChange }: StepProperties) {
  const { goToStepById } = useWizardContext();
  const isAppPassword = tokenShape(draft.credential.token)?.code === 'credential.app_password';
  return (
    <>
      <Content component="h2">Paste it</Content>
      <Content component="p">
        Atlassian shows the token once. It stays in this page until the last step, and is sealed by the daemon then.
      </Content>
      <Form isWidthLimited autoComplete="off" onSubmit={(event) => event.preventDefault()}>
        <CredentialFields typed={draft.credential} onChange={(credential) => onChange({ credential })} />
      </Form>
      {isAppPassword && (
        <Button variant="link" isInline className="ev-part" onClick={() => goToStepById('step-token')}>
          How an API token is created
        </Button>
      )}
      <SameElsewhere draft={draft} />
    </>
  );
}
