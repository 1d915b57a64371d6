/** The node that was chosen in the drawing: its values in full, and what it is connected to. */

import { h } from '../../core/dom.js';
import { amount } from '../../core/words.js';
import { isLink } from './graph.js';
import { titles } from './words.js';

/** @typedef {import('./graph.js').Graph} Graph */
/** @typedef {import('./graph.js').GraphNode} GraphNode */

/**
 * @param {Graph} graph
 * @param {string} id Empty where none was chosen.
 * @param {(id: string) => void} goTo
 */
export function panel(graph, id, goTo) {
    const node = graph.nodes.find((one) => one.id === id);
    if (!node) return nothing(graph);
    const called = titles(graph);
    return [
        h('h2', null, node.title),
        h('p', { class: 'dim small' }, node.title === node.classType ? '' : `${node.classType} · `, `node ${node.id}`),
        values(node),
        connected(
            'Takes',
            node.takes.map(({ input, from }) => ({ id: from, label: called.get(from) ?? from, what: input })),
            goTo,
        ),
        connected(
            'Gives',
            node.gives.map(({ input, to }) => ({ id: to, label: called.get(to) ?? to, what: `as ${input}` })),
            goTo,
        ),
    ];
}

/** @param {Graph} graph */
function nothing({ nodes, links, broken }) {
    return [
        h('h2', null, amount(nodes.length, 'node')),
        h('p', { class: 'dim' }, `${amount(links.length, 'link')} between them. Choose one to see what is set in it.`),
        broken.length
            ? h(
                  'p',
                  { class: 'warn' },
                  `${amount(broken.length, 'link')} ${broken.length === 1 ? 'comes' : 'come'} from a node that is not there: ${broken.map(({ to, input }) => `${input} of ${to}`).join(', ')}.`,
              )
            : null,
    ];
}

/** @param {GraphNode} node */
function values({ values: all }) {
    if (!all.length) return h('p', { class: 'dim small' }, 'Nothing is set in it: all comes from other nodes.');
    return h(
        'dl',
        { class: 'workflow-values small' },
        all.map(([name, value]) => [h('dt', null, name), h('dd', null, said(value))]),
    );
}

/** @param {unknown} value */
function said(value) {
    if (value === '') return h('span', { class: 'dim' }, 'empty');
    return typeof value === 'string' || isLink(value) ? String(value) : JSON.stringify(value);
}

/**
 * @param {string} title
 * @param {ReadonlyArray<{ id: string, label: string, what: string }>} others
 * @param {(id: string) => void} goTo
 */
function connected(title, others, goTo) {
    if (!others.length) return null;
    return h(
        'div',
        null,
        h('h3', null, title),
        h(
            'ul',
            { class: 'workflow-connected small' },
            others.map(({ id, label, what }) =>
                h(
                    'li',
                    null,
                    h('span', { class: 'dim' }, what),
                    h('button', { type: 'button', class: 'workflow-jump', onclick: () => goTo(id) }, label),
                ),
            ),
        ),
    );
}
