import { Component, type ReactNode } from 'react';
import { Button } from '../ui/button.tsx';
import { Message } from '../ui/message.tsx';

interface Props {
  readonly children: ReactNode;
}

/** A page that cannot be drawn, or whose scripts do not come without a network, takes no other with it. */
export class Boundary extends Component<Props, { readonly isBroken: boolean }> {
  override readonly state = { isBroken: false };

  static getDerivedStateFromError(): { readonly isBroken: boolean } {
    return { isBroken: true };
  }

  override render(): ReactNode {
    if (!this.state.isBroken) return this.props.children;
    return (
      <Message kind="failure" title="This page could not be opened.">
        <p>Check the connection, then open it again.</p>
        <Button look="small" onClick={() => location.reload()}>
          Open again
        </Button>
      </Message>
    );
  }
}
