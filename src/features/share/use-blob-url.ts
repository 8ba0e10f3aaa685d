import { useEffect, useState } from 'react';

/**
 * An address for a blob, as long as it is drawn.
 * @param make must be stable
 */
export function useBlobUrl(make: () => Promise<Blob | null>): string | null {
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => {
    let made: string | null = null;
    let isLeft = false;
    const open = async (): Promise<void> => {
      // What went wrong is told by whoever made it.
      const blob = await make().catch(() => null);
      if (isLeft || !blob) return;
      made = URL.createObjectURL(blob);
      setUrl(made);
    };
    void open();
    return () => {
      isLeft = true;
      if (made !== null) URL.revokeObjectURL(made);
      setUrl(null);
    };
  }, [make]);
  return url;
}
