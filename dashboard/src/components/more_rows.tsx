// The end of a list that is loaded a page at a time.
import type { Pages } from '../state/pages';
import { Failure } from './dialog';

export function MoreRows<T>({ pages }: { pages: Pages<T> }) {
  if (!pages.more) return null;
  return (
    <div class="more-rows">
      <Failure reason={pages.failure} />
      <button
        type="button"
        class="button"
        aria-disabled={pages.busy}
        onClick={() => pages.loadMore()}
      >
        {pages.busy ? 'Loading…' : 'Load older'}
      </button>
    </div>
  );
}
