/**
 * Values that know who looks at them: what was read while something was worked out is worked out again when it changes.
 * A scope owns what is begun in it, and ends all of it at once. Knows nothing of pages.
 */

/**
 * What can be watched. Its version changes with its value; `refresh` works it out if that is due.
 * @typedef {{ watchers: Set<Watcher>, version: number, refresh: () => void }} Source
 */
/**
 * Who watches: told when a source may have changed, with the versions that were seen the last time.
 * @typedef {{ run: () => void, notice: () => void, seen: Map<Source, number> }} Watcher
 */

/** @type {Watcher | null} */
let watcher = null;
/** @type {Array<() => void> | null} */
let owned = null;
/** @type {Set<Watcher>} */
const waiting = new Set();
let depth = 0;

/**
 * A value that can be read and set.
 * @template T
 * @typedef {{ value: T, peek: () => T }} Signal
 */

/**
 * A value that can be read.
 * @template T
 * @typedef {{ readonly value: T, peek: () => T }} Computed
 */

/**
 * Make a value that is watched. Setting it to what it is already changes nothing.
 * @template T
 * @param {T} initial
 * @returns {Signal<T>}
 */
export function signal(initial) {
    let current = initial;
    /** @type {Source} */
    const source = { watchers: new Set(), version: 0, refresh: () => {} };
    return {
        get value() {
            track(source);
            return current;
        },
        set value(next) {
            if (!Object.is(current, next)) {
                current = next;
                source.version += 1;
                mark(source);
                if (!depth) flush();
            }
        },
        peek: () => current,
    };
}

/**
 * Make a value of other values. It is worked out when it is read, and only if one of them has changed.
 * @template T
 * @param {() => T} work
 * @returns {Computed<T>}
 */
export function computed(work) {
    /** @type {T} */
    let current;
    let isStale = true;
    /** @type {Watcher} */
    const self = {
        seen: new Map(),
        run() {
            const next = watched(self, work);
            if (source.version && Object.is(current, next)) return;
            current = next;
            source.version += 1;
        },
        notice() {
            if (!isStale) {
                isStale = true;
                mark(source);
            }
        },
    };
    /** @type {Source} */
    const source = {
        watchers: new Set(),
        version: 0,
        refresh() {
            if (!isStale) return;
            isStale = false;
            try {
                if (!source.version || hasChanged(self)) self.run();
            } catch (error) {
                isStale = true; // whoever reads it next is told too
                throw error;
            }
        },
    };
    ended(() => forget(self));
    const read = () => {
        source.refresh();
        return current;
    };
    return {
        get value() {
            const found = read();
            track(source);
            return found;
        },
        peek: () => untracked(read),
    };
}

/**
 * Do something now, and again whenever a value that it read has changed, until its scope ends. It is a scope itself:
 * what is begun in it ends before the next time.
 * @param {() => void | (() => void)} work May return what is to be done before the next time, and at the end.
 * @returns {() => void} Ends it.
 */
export function effect(work) {
    let undo = () => {};
    let isOver = false;
    /** @type {Watcher} */
    const self = {
        seen: new Map(),
        run() {
            if (isOver) return;
            untracked(undo);
            undo = owning(() => {
                const cleanup = watched(self, work);
                if (cleanup) ended(cleanup);
            }).end;
        },
        notice: () => waiting.add(self),
    };
    const end = () => {
        isOver = true;
        forget(self);
        untracked(undo);
    };
    ended(end);
    self.run();
    return end;
}

/**
 * Set several values, and have those who look at them told once.
 * @template T
 * @param {() => T} work
 * @returns {T}
 */
export function batch(work) {
    depth += 1;
    try {
        return work();
    } finally {
        depth -= 1;
        if (!depth) flush();
    }
}

/**
 * Read values without being told of their changes.
 * @template T
 * @param {() => T} work
 * @returns {T}
 */
export function untracked(work) {
    const before = watcher;
    watcher = null;
    try {
        return work();
    } finally {
        watcher = before;
    }
}

/**
 * Own all that is begun within: effects, and what `ended` was told of. What is read within is not watched by others.
 * @template T
 * @param {() => T} work
 * @returns {{ result: T, end: () => void }}
 */
export function scope(work) {
    const begun = owning(() => untracked(work));
    ended(begun.end);
    return begun;
}

/**
 * As `scope`, but what is read within is watched by whoever called, who has to end it.
 * @template T
 * @param {() => T} work
 * @returns {{ result: T, end: () => void }}
 */
export function owning(work) {
    const before = owned;
    /** @type {Array<() => void>} */
    const mine = [];
    owned = mine;
    const end = () => {
        for (const one of mine.splice(0).reverse()) one();
    };
    try {
        return { result: work(), end };
    } finally {
        owned = before;
    }
}

/**
 * Have something done when the scope ends in which this is called.
 * @param {() => void} work
 */
export function ended(work) {
    owned?.push(work);
}

/** @param {Source} source */
function track(source) {
    if (watcher) {
        source.watchers.add(watcher);
        watcher.seen.set(source, source.version);
    }
}

/** @param {Source} source */
function mark(source) {
    for (const one of [...source.watchers]) one.notice();
}

function flush() {
    while (waiting.size) {
        const [next] = waiting;
        if (!next) return;
        waiting.delete(next);
        if (hasChanged(next)) next.run();
    }
}

/**
 * Tell whether anything that was seen is not what it was.
 * @param {Watcher} self
 */
function hasChanged(self) {
    return [...self.seen].some(([source, version]) => {
        source.refresh();
        return source.version !== version;
    });
}

/** @param {Watcher} self */
function forget(self) {
    for (const source of self.seen.keys()) source.watchers.delete(self);
    self.seen.clear();
    waiting.delete(self);
}

/**
 * @template T
 * @param {Watcher} self
 * @param {() => T} work
 * @returns {T}
 */
function watched(self, work) {
    forget(self);
    const before = watcher;
    watcher = self;
    try {
        return work();
    } finally {
        watcher = before;
    }
}
