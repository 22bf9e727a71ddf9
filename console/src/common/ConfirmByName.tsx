import {
  Button,
  Form,
  FormGroup,
  Modal,
  ModalBody,
  ModalFooter,
  ModalHeader,
  TextInput,
} from '@patternfly/react-core';
import { useMutation } from '@tanstack/react-query';
import { type ReactNode, type SubmitEvent, useState } from 'react';

import { ProblemCard } from './ProblemCard';

interface ConfirmByNameProperties {
  title: string;
  /** What has to be typed. */
  name: string;
  /** The word on the button. */
  action: string;
  /** What will be so afterwards. */
  children: ReactNode;
  onConfirm: () => Promise<unknown>;
  onGone: () => void;
}

/** A deed that cannot be undone: it says what it does, and happens to whoever's name is typed. */
export function ConfirmByName({ title, name, action, children, onConfirm, onGone }: ConfirmByNameProperties) {
  const [typed, setTyped] = useState('');
  const deed = useMutation({ mutationFn: onConfirm, onSuccess: onGone });
  const meant = typed.trim() === name.trim();
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (meant && !deed.isPending) deed.mutate();
  };
  return (
    <Modal variant="small" isOpen onClose={onGone} aria-labelledby="confirm-title">
      <ModalHeader title={title} titleIconVariant="warning" labelId="confirm-title" />
      <ModalBody>
        {deed.isError && <ProblemCard error={deed.error} />}
        <Form id="confirm-form" onSubmit={submit}>
          <div>{children}</div>
          <FormGroup label={<>Type <bdi className="ev-wrap">“{name.trim()}”</bdi> to confirm</>} fieldId="confirm-name">
            <TextInput
              id="confirm-name"
              autoFocus
              autoComplete="off"
              value={typed}
              onChange={(_event, value) => setTyped(value)}
            />
          </FormGroup>
        </Form>
      </ModalBody>
      <ModalFooter>
        <Button type="submit" form="confirm-form" variant="danger" isDisabled={!meant} isLoading={deed.isPending}>
          {action}
        </Button>
        <Button variant="link" onClick={onGone}>
          Keep it
        </Button>
      </ModalFooter>
    </Modal>
  );
}
