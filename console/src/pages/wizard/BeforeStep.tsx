import { Content, Form, FormGroup, FormHelperText, HelperText, HelperTextItem, List, ListItem, TextInput } from '@patternfly/react-core';

import type { StepProperties } from './StepProperties';

export function BeforeStep({ draft, onChange }: StepProperties) {
  return (
    <>
      <Content component="h2">Before you start</Content>
      <List>
        <ListItem>
          You need an Atlassian account that is a member of every workspace to be covered. The account sees only its own
          workspaces, so we advise one made for this, with a shared mailbox.
        </ListItem>
        <ListItem>You need the right to create API tokens for that account.</ListItem>
        <ListItem>
          For branch restrictions, deploy keys and default reviewers the account has to be administrator of the
          repositories: Bitbucket shows them to nobody else. The daemon only ever reads.
        </ListItem>
      </List>
      <Form className="ev-part" onSubmit={(event) => event.preventDefault()} isWidthLimited>
        <FormGroup label="Name of the source" fieldId="name" isRequired>
          <TextInput
            id="name"
            dir="auto"
            isRequired
            maxLength={200}
            value={draft.name}
            aria-describedby="name-help"
            onChange={(_event, name) => onChange({ name })}
          />
          <FormHelperText>
            <HelperText id="name-help">
              <HelperTextItem>Auditors see it on every list: the name of the organisation is a good one.</HelperTextItem>
            </HelperText>
          </FormHelperText>
        </FormGroup>
      </Form>
    </>
  );
}
