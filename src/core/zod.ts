/** zod without its compiler: that one tries `new Function`, which the page's policy forbids. */
import { z } from 'zod';

z.config({ jitless: true });

export { z };
