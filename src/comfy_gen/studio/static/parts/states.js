/** What a view shows while it has nothing to show: it waits, there is nothing, or something went wrong. */

import { isCalledOff, Problem } from '../core/api.js';
import { h } from '../core/dom.js';
import { effect, signal } from '../core/signals.js';
import { button } from './buttons.js';
import { icon } from './icons.js';

/**
 * Say that there is nothing here yet, and what to do about it.
 * @param {{ icon: import('./icons.js').IconName, title: string, text?: string, actions?: import('../core/dom.js').Child[] }} said
 */
export function empty({ icon: drawn, title, text = '', actions = [] }) {
    return h(
        'div',
        { class: 'state' },
        icon(drawn, 'large'),
        h('h2', null, title),
        text ? h('p', { class: 'dim' }, text) : null,
        actions.length ? h('div', { class: 'row centred' }, actions) : null,
    );
}

/**
 * Say that something is on its way.
 * @param {string} [what]
 */
export function loading(what = 'Loading') {
    return h(
        'div',
        { class: 'state loading', role: 'status' },
        h('span', { class: 'spinner' }),
        h('p', { class: 'dim' }, `${what} …`),
    );
}

/**
 * Say what went wrong, what to do, and offer to try again.
 * @param {unknown} error
 * @param {() => void} [again]
 */
export function problem(error, again) {
    const facts = error instanceof Problem ? error : new Problem({ code: 'internal', message: String(error) }, 0);
    return h(
        'div',
        { class: 'state problem', role: 'alert' },
        icon('warning', 'large'),
        h('h2', null, facts.code === 'unreachable' ? 'The service does not answer' : 'That did not work'),
        facts.sentences.map((sentence) => h('p', null, sentence)),
        facts.hint ? h('p', { class: 'dim' }, facts.hint) : null,
        again ? button({ label: 'Try again', icon: 'refresh', onclick: again }) : null,
    );
}

/**
 * Something that is loaded, and again whenever a signal has changed that `work` read before it first waited.
 * @template T
 * @param {(until: AbortSignal) => Promise<T>} work
 */
export function loaded(work) {
    const data = signal(/** @type {T | undefined} */ (undefined));
    const error = signal(/** @type {unknown} */ (null));
    const isLoading = signal(true);
    const round = signal(0);
    effect(() => {
        const calling = new AbortController();
        void round.value;
        isLoading.value = true;
        work(calling.signal).then(
            (found) => {
                if (calling.signal.aborted) return;
                data.value = found;
                error.value = null;
                isLoading.value = false;
            },
            (failure) => {
                if (calling.signal.aborted || isCalledOff(failure)) return;
                error.value = failure;
                isLoading.value = false;
            },
        );
        return () => calling.abort();
    });
    const again = () => {
        round.value = round.peek() + 1;
    };
    return {
        data,
        error,
        isLoading,
        again,
        /**
         * Show it, or that it is on its way, or why it is not there. What is there stays while it is loaded again.
         * @param {(found: T) => import('../core/dom.js').Child} show
         * @param {string} [what] For "Loading WHAT …".
         * @returns {() => import('../core/dom.js').Child}
         */
        show: (show, what) => () => {
            if (error.value) return problem(error.value, again);
            const found = data.value;
            return found === undefined ? loading(what) : show(found);
        },
    };
}
