/** Live: what runs, what waits, and what has ended lately; nothing of it has to be asked for again. */

import { h } from '../../core/dom.js';
import { connection, heed, isOver, isPaused, jobIds, jobOf } from '../../core/live.js';
import { linkTo, place } from '../../core/router.js';
import { isAdministrator } from '../../core/session.js';
import { effect, ended, signal } from '../../core/signals.js';
import { button, linkButton } from '../../parts/buttons.js';
import { selectField, textField } from '../../parts/fields.js';
import { head } from '../../parts/head.js';
import { empty, loading } from '../../parts/states.js';
import { cancelWaiting, setPaused } from './actions.js';
import { showDetails } from './details.js';
import { done } from './done.js';
import { keepFocus } from './focus.js';
import { narrow, steady, lists as workOut } from './lists.js';
import { running } from './running.js';
import { held, waiting } from './waiting.js';
import { endsOf } from './words.js';

/** From so many jobs on it helps to show some of them only. */
const MANY = 8;
/** Jobs that end within so many milliseconds are announced together. */
const TOGETHER = 1_500;

/** @type {ReadonlyArray<readonly [string, string]>} */
const SHOWN = [
    ['', 'All'],
    ['running', 'Running'],
    ['waiting', 'Waiting'],
    ['held', 'Held'],
    ['ended', 'Ended'],
    ['completed', 'Completed'],
    ['failed', 'Failed'],
    ['cancelled', 'Cancelled'],
];

export function view() {
    const lists = workOut();
    const many = steady(() => isMany(lists));
    const told = signal('');
    const announce = (/** @type {string} */ text) => {
        told.value = text;
    };
    announceEnds(announce);
    announcePause(announce);
    openFromAddress();
    const root = h(
        'div',
        { class: 'view live' },
        head('Live', commands(lists)),
        h('div', { class: 'unseen', role: 'status' }, () => told.value),
        pauseNote,
        () => (many.value ? filters(lists) : null),
        running(lists),
        waiting(lists, announce),
        held(lists),
        done(lists),
        () => nothing(lists),
    );
    keepFocus(root);
    return root;
}

/** @param {import('./lists.js').Lists} lists */
function commands({ all }) {
    const isLine = steady(() => all.value.waiting.length + all.value.held.length > 0);
    const cancelAll = () =>
        button({
            label: 'Cancel all that wait',
            icon: 'cancel',
            onclick: () => cancelWaiting({ isOthersToo: isAdministrator.peek() }),
        });
    const turn = () =>
        button({
            label: () => (isPaused.value ? 'Resume the queue' : 'Pause the queue'),
            icon: () => (isPaused.value ? 'play' : 'pause'),
            onclick: () => setPaused(!isPaused.peek()),
        });
    return [() => (isLine.value ? cancelAll() : null), () => (isAdministrator.value ? turn() : null)];
}

function pauseNote() {
    return isPaused.value ? h('p', { class: 'live-paused' }, pauseSentence()) : null;
}

function pauseSentence() {
    const next = isAdministrator.value ? 'Resume it when they may.' : 'An administrator can resume it.';
    return `The queue is paused: what runs goes on, but no job starts. ${next}`;
}

/** @param {(text: string) => void} announce */
function announcePause(announce) {
    let before = isPaused.peek();
    effect(() => {
        if (isPaused.value !== before) announce(isPaused.value ? pauseSentence() : 'The queue goes on.');
        before = isPaused.value;
    });
}

/** @param {import('./lists.js').Lists} lists */
function isMany({ all, filter }) {
    const { running: runs, waiting: waits, held: set, ended: over } = all.value;
    return runs.length + waits.length + set.length + over.length > MANY || isNarrow(filter.value);
}

/** @param {import('./line.js').Filter} filter */
const isNarrow = ({ text, show }) => text !== '' || show !== '';

/** @param {import('./lists.js').Lists} lists */
function filters({ filter }) {
    /** @type {(name: 'text' | 'show') => { value: string }} */
    const bound = (name) => ({
        get value() {
            return filter.value[name];
        },
        set value(value) {
            narrow({ [name]: value });
        },
    });
    return h(
        'search',
        { class: 'live-filters' },
        textField('Find', bound('text'), { type: 'search', placeholder: 'Words of the prompt, an engine, an id' }),
        selectField('Show', bound('show'), () => SHOWN),
    );
}

/** @param {import('./lists.js').Lists} lists */
function nothing(lists) {
    const number = lists.running.value.length + lists.waiting.value.length + lists.set.value.length;
    if (number + lists.ended.value.length > 0) return null;
    if (isNarrow(lists.filter.value) && jobIds.value.length)
        return empty({
            icon: 'filter',
            title: 'No job is like that',
            text: 'There are others: show them all again.',
            actions: [button({ label: 'Show all', onclick: () => narrow({ text: '', show: '' }) })],
        });
    if (connection.value !== 'open') return loading('Jobs');
    return empty({
        icon: 'live',
        title: 'Nothing runs, and nothing waits',
        text: 'Jobs are shown here from the moment they are accepted until they have ended.',
        actions: [
            linkButton({ label: 'Create a picture', href: linkTo('create'), icon: 'create', kind: 'main' }),
            linkButton({ label: 'See what there is', href: linkTo('gallery'), icon: 'gallery' }),
        ],
    });
}

/** Show the job that the address names, as long as it does; once jobs are known, so that it can be called by its name. */
function openFromAddress() {
    const wanted = steady(() => (connection.value === 'beginning' ? '' : (place.value.query.get('job') ?? '')));
    effect(() => (wanted.value ? showDetails(wanted.value, () => narrow({ job: '' })) : undefined));
}

/**
 * Say what ends from now on: what had ended before is told with the first snapshot.
 * @param {(text: string) => void} announce
 */
function announceEnds(announce) {
    const isBegun = steady(() => connection.value !== 'beginning');
    /** @type {Wire<'LiveJob'>[]} */
    let over = [];
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let telling;
    const tell = () => {
        announce(endsOf(over));
        over = [];
        telling = undefined;
    };
    effect(() => {
        if (!isBegun.value) return undefined;
        const told = new Set(jobIds.peek().filter((id) => isOver(jobOf(id)?.peek() ?? { state: '' })));
        return heed((job) => {
            if (!isOver(job)) told.delete(job.id);
            else if (!told.has(job.id)) {
                told.add(job.id);
                over.push(job);
                telling ??= setTimeout(tell, TOGETHER);
            }
        });
    });
    ended(() => clearTimeout(telling));
}
