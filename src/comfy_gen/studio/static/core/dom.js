/**
 * Makes elements. What comes from anybody is only ever text or an attribute: there is no way here to write markup.
 */

import { effect, ended, owning, untracked } from './signals.js';

/** @typedef {Node | string | number | boolean | null | undefined} Plain */
/** @typedef {Plain | (() => unknown) | readonly any[]} Child A function returns what is one itself. */
/** @typedef {Record<string, any>} Properties */

const AS_PROPERTIES = new Set(['value', 'checked', 'disabled', 'indeterminate', 'selected', 'open', 'hidden', 'inert']);
const DRAWN = 'http://www.w3.org/2000/svg';

/**
 * Make an element.
 *
 * A property that begins with `on` listens. `class` may be a list, with what is false left out; `style` is an object;
 * `ref` is called with the element. A function in place of a value or of a child is looked at again whenever a signal
 * that it reads has changed; functions within what such a function returns are a part of it.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Properties | null} [properties]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function h(tag, properties, ...children) {
    const element = document.createElement(tag);
    append(element, children);
    give(element, properties);
    return element;
}

/**
 * Make an element of a drawing.
 * @template {keyof SVGElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Properties | null} [properties]
 * @param {...Child} children
 * @returns {SVGElementTagNameMap[Tag]}
 */
export function svg(tag, properties, ...children) {
    const element = document.createElementNS(DRAWN, tag);
    append(element, children);
    give(element, properties);
    return element;
}

/**
 * Show a list, in which each thing keeps its element as long as it is there.
 * @template T
 * @param {() => readonly T[]} list
 * @param {(one: T) => string} keyOf
 * @param {(one: T, at: () => number) => Node} show Called once for each key; what changes in it should be signals.
 * @returns {() => Node[]} For a child of an element.
 */
export function each(list, keyOf, show) {
    /** @type {Map<string, { node: Node, at: number, end: () => void }>} */
    let shown = new Map();
    ended(() => {
        for (const one of shown.values()) one.end();
    });
    return () => {
        /** @type {typeof shown} */
        const next = new Map();
        list().forEach((one, at) => {
            const key = keyOf(one);
            if (next.has(key)) return;
            let entry = shown.get(key);
            if (!entry) {
                const made = { at, node: /** @type {Node} */ (document.createComment('')), end: () => {} };
                const begun = owning(() => untracked(() => show(one, () => made.at)));
                entry = Object.assign(made, { node: begun.result, end: begun.end });
            }
            entry.at = at;
            next.set(key, entry);
        });
        for (const [key, entry] of shown) if (!next.has(key)) entry.end();
        shown = next;
        return [...next.values()].map((entry) => entry.node);
    };
}

/**
 * Replace what is in an element.
 * @param {Element} parent
 * @param {...Child} children
 */
export function fill(parent, ...children) {
    parent.replaceChildren();
    append(parent, children);
}

/**
 * Listen until the scope ends.
 * @param {EventTarget} target
 * @param {string} type
 * @param {(event: any) => void} listener
 * @param {AddEventListenerOptions} [options]
 */
export function listen(target, type, listener, options) {
    target.addEventListener(type, listener, options);
    ended(() => target.removeEventListener(type, listener, options));
}

let last = 0;

/**
 * Return an id that no other element has.
 * @param {string} [word]
 */
export function uniqueId(word = 'id') {
    last += 1;
    return `${word}-${last}`;
}

/**
 * @param {Element} element
 * @param {Properties | null} [properties]
 */
function give(element, properties) {
    for (const [name, value] of Object.entries(properties ?? {})) {
        if (name === 'ref') value(element);
        else if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
        else if (typeof value === 'function') effect(() => set(element, name, value()));
        else set(element, name, value);
    }
}

/**
 * @param {Element} element
 * @param {string} name
 * @param {any} value
 */
function set(element, name, value) {
    if (name === 'class') element.setAttribute('class', [value].flat().filter(Boolean).join(' '));
    else if (name === 'style') paint(/** @type {HTMLElement} */ (element), value);
    else if (name === 'dataset') Object.assign(/** @type {HTMLElement} */ (element).dataset, value);
    else if (AS_PROPERTIES.has(name) && name in element) Object.assign(element, { [name]: value ?? '' });
    else if (value === null || value === undefined || value === false) element.removeAttribute(name);
    else element.setAttribute(name, value === true ? '' : String(value));
}

/**
 * @param {HTMLElement} element
 * @param {Record<string, string | number>} style
 */
function paint(element, style) {
    for (const [name, value] of Object.entries(style)) element.style.setProperty(name, String(value));
}

/**
 * @param {Element} parent
 * @param {Child[]} children
 */
function append(parent, children) {
    for (const child of children) {
        if (Array.isArray(child)) append(parent, child);
        else if (typeof child === 'function') follow(parent, /** @type {() => unknown} */ (child));
        else if (isShown(/** @type {Plain} */ (child))) parent.append(asNode(/** @type {Plain} */ (child)));
    }
}

/**
 * Show what a function returns, between two marks, and put it right whenever that changes.
 * @param {Element} parent
 * @param {() => unknown} child
 */
function follow(parent, child) {
    const end = document.createComment('');
    parent.append(end);
    /** @type {ChildNode[]} */
    let shown = [];
    effect(() => {
        shown = exchange(shown, nodesOf(/** @type {Child} */ (child())), end);
    });
}

/**
 * @param {ChildNode[]} before
 * @param {ChildNode[]} after
 * @param {ChildNode} end
 * @returns {ChildNode[]}
 */
function exchange(before, after, end) {
    const kept = new Set(after);
    for (const node of before) if (!kept.has(node)) node.remove();
    /** @type {ChildNode} */
    let next = end;
    for (const node of [...after].reverse()) {
        if (node.nextSibling !== next || node.parentNode !== next.parentNode) next.before(node);
        next = node;
    }
    return after;
}

/**
 * @param {Child} child
 * @returns {ChildNode[]}
 */
function nodesOf(child) {
    if (Array.isArray(child)) return child.flatMap(nodesOf);
    if (typeof child === 'function') return nodesOf(/** @type {Child} */ (child()));
    return isShown(/** @type {Plain} */ (child))
        ? [/** @type {ChildNode} */ (asNode(/** @type {Plain} */ (child)))]
        : [];
}

/** @param {Plain} child */
function isShown(child) {
    return child !== null && child !== undefined && child !== false && child !== true && child !== '';
}

/** @param {Plain} child */
function asNode(child) {
    return child instanceof Node ? child : document.createTextNode(String(child));
}
