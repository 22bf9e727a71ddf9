import { Modal, ModalBody, ModalHeader } from '@patternfly/react-core';
import { useQueryClient } from '@tanstack/react-query';

import { signIn } from '../api/session';
import { KeyEntry } from '../common/KeyEntry';

/** Instead of a page whose session is over: what was typed into it stays, and there is no way around. */
export default function SignInAgain() {
  const queries = useQueryClient();
  return (
    <Modal variant="small" isOpen className="ev-again" aria-labelledby="again-title">
      <ModalHeader title="Sign in again" labelId="again-title" />
      <ModalBody>
        <p className="ev-problem">
          The session has ended. What you typed is still there: sign in with the same key and go on. With another key
          the page begins anew.
        </p>
        <KeyEntry onKey={(key) => signIn(queries, { key })} />
      </ModalBody>
    </Modal>
  );
}
