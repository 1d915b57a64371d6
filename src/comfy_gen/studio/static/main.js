/** Begins the studio: finds out who is here, listens to the jobs, and shows the view of the page's address. */

import { isKeyWanted } from './core/api.js';
import { h } from './core/dom.js';
import { connect, disconnect, wake } from './core/live.js';
import { follow } from './core/router.js';
import { look, session } from './core/session.js';
import { effect } from './core/signals.js';
import { problem } from './parts/states.js';
import { toasts } from './parts/toasts.js';
import { entrance } from './shell/entrance.js';
import { frame } from './shell/frame.js';
import { applyTheme } from './shell/theme.js';

applyTheme();
follow();
begin();

async function begin() {
    try {
        await look();
    } catch (error) {
        document.body.replaceChildren(h('main', { class: 'alone' }, problem(error, begin)));
        return;
    }
    document.body.replaceChildren();
    document.body.append(
        h('div', { id: 'studio' }, () => (isKeyWanted.value ? entrance() : frame())),
        toasts(),
    );
    effect(() => {
        if (session.value?.is_admitted) connect();
        else disconnect();
    });
    addEventListener('online', wake);
    addEventListener('pageshow', (event) => event.persisted && wake());
}
