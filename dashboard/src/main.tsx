// Starts the dashboard: styles, router, session, page.
import './styles/app.css';
import { render } from 'preact';
import { App } from './app';
import { startRouter } from './router';
import { loadSession } from './api/session';

const root = document.getElementById('app');
if (root) {
  startRouter();
  void loadSession();
  render(<App />, root);
}
