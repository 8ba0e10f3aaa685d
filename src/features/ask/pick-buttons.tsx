import { useRef, type ChangeEvent } from 'react';
import { Button } from '../../ui/button.tsx';
import styles from './start.module.css';

interface Props {
  readonly onPick: (file: File) => void;
}

/** A file from the disk; on devices that are held, the camera too. */
export function PickButtons({ onPick }: Props) {
  const file = useRef<HTMLInputElement>(null);
  const camera = useRef<HTMLInputElement>(null);
  const onChange = ({ target }: ChangeEvent<HTMLInputElement>): void => {
    const picked = target.files?.[0];
    // The same file can be picked again.
    target.value = '';
    if (picked) onPick(picked);
  };
  return (
    <div className={styles.buttons}>
      <Button look="main" onClick={() => file.current?.click()}>
        Choose a picture
      </Button>
      <Button className={styles.camera ?? ''} onClick={() => camera.current?.click()}>
        Take a photo
      </Button>
      <input ref={file} type="file" hidden aria-label="Picture file" onChange={onChange} />
      <input
        ref={camera}
        type="file"
        accept="image/*"
        capture="environment"
        hidden
        aria-label="Photo"
        onChange={onChange}
      />
    </div>
  );
}
