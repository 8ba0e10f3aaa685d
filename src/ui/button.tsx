import type { ComponentProps } from 'react';
import styles from './button.module.css';

interface Props extends ComponentProps<'button'> {
  readonly look?: 'main' | 'plain' | 'small';
}

export function Button({ look = 'plain', className = '', type = 'button', ...rest }: Props) {
  return (
    <button {...rest} type={type} className={`${styles.button} ${styles[look]} ${className}`} />
  );
}
