/** A workflow's nodes as a table, in the order in which they work: all that the drawing shows, without looking at it. */

import { h } from '../../core/dom.js';
import { table } from '../../parts/tables.js';
import { valueText } from './graph.js';
import { givesOf, takesOf, titles } from './words.js';

/** @typedef {import('./graph.js').Graph} Graph */

/**
 * @param {Graph} graph
 * @param {() => ReadonlySet<string>} missing
 */
export function nodeTable(graph, missing) {
    const called = titles(graph);
    const heads = ['Node', 'Set in it', 'Takes', 'Gives to'];
    return h(
        'div',
        { class: 'card workflow-table' },
        table(
            heads,
            graph.nodes.map((node) =>
                h(
                    'tr',
                    null,
                    h(
                        'th',
                        { scope: 'row' },
                        h('span', { class: 'workflow-name' }, node.title),
                        h('span', { class: 'dim small' }, `${node.classType} · ${node.id}`),
                        () => (missing().has(node.id) ? h('span', { class: 'pill bad' }, 'missing') : null),
                    ),
                    h('td', { dataset: { label: heads[1] } }, values(node)),
                    h('td', { dataset: { label: heads[2] } }, takesOf(node, called) || '—'),
                    h('td', { dataset: { label: heads[3] } }, givesOf(node, called) || '—'),
                ),
            ),
            h('caption', { class: 'unseen' }, 'Nodes, in the order in which they work'),
        ),
    );
}

/** @param {import('./graph.js').GraphNode} node */
function values({ values: all }) {
    if (!all.length) return '—';
    return h(
        'ul',
        null,
        all.map(([name, value]) => h('li', null, h('span', { class: 'dim' }, `${name}: `), valueText(value))),
    );
}
