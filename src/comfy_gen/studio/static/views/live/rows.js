/** What the rows of all parts of the view have in common. */

import { h } from '../../core/dom.js';
import { session } from '../../core/session.js';
import { open } from './actions.js';
import { titleOf } from './words.js';

/** @typedef {Wire<'LiveJob'>} LiveJob */
/** @typedef {import('../../core/signals.js').Signal<LiveJob>} Live */

/**
 * The job's name, which opens it.
 * @param {Live} job
 */
export const title = (job) =>
    h(
        'h3',
        { class: 'live-title' },
        h('button', { type: 'button', onclick: () => open(job.peek().id) }, () => titleOf(job.value)),
    );

/**
 * Short facts in a line; what is empty is left out.
 * @param {...import('../../core/dom.js').Child} facts
 */
export const facts = (...facts) => h('p', { class: 'live-facts' }, facts);

/**
 * A fact, while there is one.
 * @param {() => string} text
 * @param {string} [kind]
 */
export const fact = (text, kind = '') =>
    /** @type {() => import('../../core/dom.js').Child} */ (() => (text() ? h('span', { class: kind }, text()) : null));

/**
 * Whose job it is, where that is somebody else; administrators alone are told.
 * @param {Live} job
 */
export const whose = (job) =>
    fact(() => {
        const { owner } = job.value;
        return owner && owner !== session.value?.owner ? `for ${owner}` : '';
    }, 'pill');

/**
 * A part of the view: its name, how many are in it, and they.
 * @param {string} name
 * @param {() => number} number
 * @param {...import('../../core/dom.js').Child} content
 */
export const part = (name, number, ...content) =>
    h(
        'section',
        { class: 'live-part', 'aria-label': name, hidden: () => number() === 0 },
        h(
            'h2',
            { tabindex: '-1' },
            name,
            h('span', { class: 'dim number' }, () => ` ${number()}`),
        ),
        content,
    );
