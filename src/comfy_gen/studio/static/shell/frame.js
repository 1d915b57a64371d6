/** What is around each view: the way to the others, and whether the service is there. */

import { Problem } from '../core/api.js';
import { h, listen } from '../core/dom.js';
import { arrangement, connection, isOver, jobIds, jobOf } from '../core/live.js';
import { linkTo, place } from '../core/router.js';
import { computed, effect, owning, signal, untracked } from '../core/signals.js';
import { icon } from '../parts/icons.js';
import { loading, problem } from '../parts/states.js';
import { FIRST, VIEWS } from './views.js';
import { welcome } from './welcome.js';

/** So many views have a place of their own at the foot of a phone; the others are behind "More". */
const ON_PHONES = 4;

/** A signal of its own, so that a view stays as it is when only what follows its name in the address has changed. */
const current = signal(FIRST);
effect(() => {
    current.value = place.value.view in VIEWS ? place.value.view : FIRST;
});
const going = computed(() => {
    void arrangement.value;
    return jobIds.peek().filter(isGoing).length;
});

export function frame() {
    const main = h('main', { id: 'main', tabindex: '-1' });
    effect(() => {
        const { title } = /** @type {import('./views.js').View} */ (VIEWS[current.value]);
        document.title = `${going.value ? `(${going.value}) ` : ''}${title} · ComfyGen Studio`;
    });
    const stage = show(main);
    return h(
        'div',
        { class: 'frame' },
        h(
            'a',
            {
                class: 'skip',
                href: '#main',
                onclick: (/** @type {Event} */ event) => {
                    event.preventDefault();
                    main.focus();
                },
            },
            'Skip to the content',
        ),
        navigation(),
        h(
            'div',
            { class: 'stage' },
            h(
                'div',
                { class: 'banner', role: 'status', hidden: () => connection.value !== 'broken' },
                'The service does not answer. What was accepted is safe; this page goes on when it is back.',
            ),
            welcome(),
            stage,
        ),
    );
}

/**
 * @param {unknown} error
 * @returns {never}
 */
function unloaded(error) {
    if (!(error instanceof TypeError)) throw error;
    const hint = 'It is shown as soon as the service is back.';
    throw new Problem({ code: 'unreachable', message: 'This view could not be loaded.', hint }, 0);
}

/** @param {string} id */
function isGoing(id) {
    const job = jobOf(id);
    return job !== undefined && !isOver(job.peek());
}

function navigation() {
    const isMore = signal(false);
    listen(document, 'click', (event) => {
        if (!event.target.closest('.navigation')) isMore.value = false;
    });
    return h(
        'nav',
        {
            class: () => ['navigation', isMore.value && 'all'],
            'aria-label': 'Views',
            onkeydown: (/** @type {KeyboardEvent} */ event) => {
                if (event.key === 'Escape') isMore.value = false;
            },
        },
        h('span', { class: 'brand', 'aria-hidden': 'true' }, 'ComfyGen'),
        h(
            'ul',
            null,
            Object.entries(VIEWS).map(([name, { title, icon: drawn }], at) =>
                h(
                    'li',
                    { class: at >= ON_PHONES && 'further' },
                    h(
                        'a',
                        {
                            href: linkTo(name),
                            'aria-current': () => (current.value === name ? 'page' : null),
                            onclick: () => {
                                isMore.value = false;
                            },
                        },
                        icon(drawn),
                        h('span', null, title),
                        name === 'live'
                            ? () =>
                                  going.value
                                      ? h(
                                            'span',
                                            { class: 'badge' },
                                            String(going.value),
                                            h('span', { class: 'unseen' }, ' not ended'),
                                        )
                                      : null
                            : null,
                    ),
                ),
            ),
            h(
                'li',
                { class: 'only-phones' },
                h(
                    'button',
                    {
                        type: 'button',
                        'aria-expanded': () => String(isMore.value),
                        onclick: () => {
                            isMore.value = !isMore.peek();
                        },
                    },
                    icon('more'),
                    h('span', null, 'More'),
                ),
            ),
        ),
    );
}

/**
 * Keep the view of the address in an element.
 * @param {HTMLElement} main
 */
function show(main) {
    let isFirst = true;
    const isWaiting = signal(false);
    let wasAway = false;
    effect(() => {
        // A browser may not ask again for what it did not get: only a page that is loaded anew has it.
        const isBack = wasAway && connection.value === 'open';
        wasAway = isWaiting.value && connection.value !== 'open';
        if (isBack) location.reload();
    });
    effect(() => {
        isWaiting.value = false;
        const name = current.value;
        const { title, load } = /** @type {import('./views.js').View} */ (VIEWS[name]);
        const waiting = setTimeout(() => main.replaceChildren(loading(title)), 150);
        let end = () => {};
        let isOver = false;
        load()
            .catch(unloaded)
            .then((module) => {
                if (isOver) return;
                const begun = owning(() => untracked(() => module.view()));
                end = begun.end;
                main.replaceChildren(begun.result);
                main.scrollTop = 0;
                scrollTo(0, 0);
                if (!isFirst) main.querySelector('h1')?.focus();
                isFirst = false;
            })
            .catch((error) => {
                if (isOver) return;
                main.replaceChildren(problem(error, () => location.reload()));
                if (error instanceof Problem) isWaiting.value = true;
                else throw error;
            })
            .finally(() => clearTimeout(waiting));
        return () => {
            isOver = true;
            clearTimeout(waiting);
            end();
        };
    });
    return main;
}
