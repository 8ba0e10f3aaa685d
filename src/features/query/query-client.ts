/** One cache for everything that lies outside the page; loaded with the first feature that asks. */
import { QueryClient } from '@tanstack/react-query';

export const queryClient = new QueryClient({
  defaultOptions: {
    // Much of it is kept by this browser, and readers of the network have their own patience.
    queries: { networkMode: 'always', retry: false, refetchOnWindowFocus: false },
    mutations: { networkMode: 'always' },
  },
});
