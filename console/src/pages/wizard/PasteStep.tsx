import { Content, Form } from '@patternfly/react-core';

import { CredentialFields } from '../../common/CredentialFields';
import { SameElsewhere } from './SameElsewhere';
import type { StepProperties } from './StepProperties';

export function PasteStep({ draft, onChange }: StepProperties) {
  return (
    <>
      <Content component="h2">Paste it</Content>
      <Content component="p">
        Atlassian shows the token once. It stays in this page until the last step, and is sealed by the daemon then.
      </Content>
      <Form isWidthLimited autoComplete="off" onSubmit={(event) => event.preventDefault()}>
        <CredentialFields typed={draft.credential} onChange={(credential) => onChange({ credential })} />
      </Form>
      <SameElsewhere draft={draft} />
    </>
  );
}
