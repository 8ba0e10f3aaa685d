import { useRef } from 'react';
import { Button } from '../../ui/button.tsx';
import { FileInput } from '../../ui/file-input.tsx';
import styles from './start.module.css';

interface Props {
  readonly onPick: (file: File) => void;
}

/** A file from the disk; on devices that are held, the camera too. */
export function PickButtons({ onPick }: Props) {
  const file = useRef<HTMLInputElement>(null);
  const camera = useRef<HTMLInputElement>(null);
  const take = ([picked]: readonly File[]): void => {
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
      <FileInput ref={file} aria-label="Picture file" onPick={take} />
      <FileInput
        ref={camera}
        accept="image/*"
        capture="environment"
        aria-label="Photo"
        onPick={take}
      />
    </div>
  );
}
