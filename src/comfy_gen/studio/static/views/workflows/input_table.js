/** The inputs of a workflow that cannot be changed, and what they are called. */

import { h } from '../../core/dom.js';
import { table } from '../../parts/tables.js';
import { shortened, valueText } from './graph.js';

const SHOWN = 80;

/** @param {readonly import('./names.js').Row[]} rows */
export function inputTable(rows) {
    const heads = ['Input', 'As the graph has it', 'Called'];
    return h(
        'div',
        { class: 'card workflow-table' },
        table(
            heads,
            rows.map((row) => line(row, heads)),
            h('caption', { class: 'unseen' }, 'Values of its nodes, and what they are called'),
        ),
    );
}

/**
 * @param {import('./names.js').Row} row
 * @param {readonly string[]} heads
 */
function line({ of, name, along }, heads) {
    return h(
        'tr',
        null,
        h(
            'th',
            { scope: 'row' },
            h('span', { class: 'workflow-name' }, of.input),
            h('span', { class: 'dim small' }, `${of.node_title} · ${of.node_id}`),
        ),
        h('td', { dataset: { label: heads[1] } }, shortened(valueText(of.value), SHOWN) || '—'),
        h(
            'td',
            { dataset: { label: heads[2] } },
            name
                ? [h('code', null, name), of.title ? ` ${of.title}` : '']
                : h('span', { class: 'dim' }, along ? `along with ${along}` : '—'),
        ),
    );
}
