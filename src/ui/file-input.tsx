import type { ChangeEvent, ComponentProps } from 'react';

interface Props extends Omit<ComponentProps<'input'>, 'type' | 'hidden' | 'onChange'> {
  /** A whole folder, with all that is in it. */
  readonly isFolder?: boolean;
  /** Never called without a file. */
  readonly onPick: (files: readonly File[]) => void;
}

/** Asks for files; shown by a button that clicks its ref. The same files can be picked again. */
export function FileInput({ isFolder = false, onPick, ...rest }: Props) {
  const onChange = ({ target }: ChangeEvent<HTMLInputElement>): void => {
    const files = [...(target.files ?? [])];
    target.value = '';
    if (files.length > 0) onPick(files);
  };
  // React's types lack the attribute.
  const folder = isFolder && { webkitdirectory: '' };
  return <input {...rest} {...folder} type="file" hidden onChange={onChange} />;
}
