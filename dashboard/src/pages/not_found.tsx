// An address that means nothing here.
import { Notice } from '../components/notice';

export function NotFoundPage() {
  return (
    <div class="page">
      <Notice title="There is no such page">
        <p>The address may be mistyped, or the page may have moved.</p>
        <a class="button" href="/requests">
          Go to the requests
        </a>
      </Notice>
    </div>
  );
}
