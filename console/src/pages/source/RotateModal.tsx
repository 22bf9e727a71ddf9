import { Button, Content, Form, Modal, ModalBody, ModalFooter, ModalHeader } from '@patternfly/react-core';
import { type SubmitEvent, useState } from 'react';

import { rotateCredential } from '../../api/actions';
import type { Source } from '../../api/queries';
import { useNow } from '../../common/clock';
import { CredentialFields, mayBeTried, nothingTyped } from '../../common/CredentialFields';
import { ProblemCard } from '../../common/ProblemCard';
import { expiryOf } from '../../common/shapeChecks';
import { useAction } from '../../common/useAction';

/** Replaces the token. The old one serves until the new one has been tried. */
export function RotateModal({ source, onGone }: { source: Source; onGone: () => void }) {
  const [typed, setTyped] = useState(nothingTyped);
  const now = useNow();
  const rotate = useAction({
    run: () =>
      rotateCredential(source.id, {
        email: typed.email,
        token: typed.token,
        ...(typed.expires !== '' && { expires_at: expiryOf(typed.expires) }),
      }),
    done: () => 'The token is replaced',
    onDone: onGone,
  });
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    rotate.mutate(undefined);
  };
  return (
    <Modal isOpen variant="medium" onClose={onGone} aria-labelledby="rotate-title" aria-describedby="rotate-body">
      <ModalHeader title={`Rotate the token of ${source.name}`} labelId="rotate-title" />
      <ModalBody id="rotate-body">
        <Content component="p">
          Bitbucket is asked with the new token first: it has to be of the same account
          {source.account?.name ? ` (${source.account.name})` : ''} and reach at least what the old one reaches. Then it
          takes the place of the old one at once; a sync that runs goes on. Nothing that was collected is touched.
        </Content>
        {rotate.isError && <ProblemCard error={rotate.error} title="The old token is still in place" />}
        <Form id="rotate" onSubmit={submit} autoComplete="off">
          <CredentialFields typed={typed} onChange={setTyped} />
        </Form>
      </ModalBody>
      <ModalFooter>
        <Button
          type="submit"
          form="rotate"
          isLoading={rotate.isPending}
          isDisabled={rotate.isPending || !mayBeTried(typed, now)}
        >
          {rotate.isPending ? 'Asking Bitbucket…' : 'Try and replace'}
        </Button>
        <Button variant="link" onClick={onGone}>
          Cancel
        </Button>
      </ModalFooter>
    </Modal>
  );
}
