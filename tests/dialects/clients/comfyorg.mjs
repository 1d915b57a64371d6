/** Drives `@comfyorg/sdk`: node comfyorg.mjs URL [begin | resume ID | keyed KEY]. */

import { createReadStream } from 'node:fs';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Comfy } from '@comfyorg/sdk';
import { ComfyLow } from '@comfyorg/sdk/low';
import { copied, endless, impossible, PNG, picture, sampled } from './graphs.mjs';
import { sumOf, tell, tried, triedTogether, until, within } from './told.mjs';

const [address, mode, word] = process.argv.slice(2);
process.env.COMFY_BASE_URL = address;
const NOBODY = '00000000-0000-4000-8000-000000000000';

const client = new Comfy({ clientInfo: 'dialects' });
const low = new ComfyLow(address);
const folder = await mkdtemp(join(tmpdir(), 'comfyorg-'));

const { workflows } = client;
const stateOf = ({ status, outputs, error }) => ({ status, outputs: outputs.length, error });
const outputOf = async (output) => {
    const { nodeId, name, type, contentType, sizeBytes, jobId } = output;
    return { nodeId, name, type, contentType, sizeBytes, jobId, ...sumOf(await output.toBytes()) };
};
const assetOf = ({ id, filePath, createdNew, jobId }) => ({ id: typeof id, filePath, createdNew, jobId });
/** A file whose content nobody has sent before. */
const unheard = () => Buffer.concat([PNG, Buffer.from(crypto.randomUUID())]);

async function making() {
    await writeFile(join(folder, 'workflow.json'), JSON.stringify(sampled()));
    const workflow = await workflows.fromFile(join(folder, 'workflow.json'));
    workflow.setInput('3', 'steps', 3);
    const job = await tried('run', () => client.run(workflow), stateOf);
    const [output] = await tried(
        'Job.getOutputs',
        async () => job.getOutputs('9'),
        ([one]) => outputOf(one),
    );
    await tried('Job.getOutputs of no node', async () => job.getOutputs('99'));
    await triedTogether({
        'Output.toFile': [() => output.toFile(join(folder, 'out.png')), async (path) => sumOf(await readFile(path))],
        'Output.toBytes of a range': [
            () => output.toBytes({ range: [0, 7] }),
            (bytes) => Buffer.from(bytes).toString('hex'),
        ],
        'Output.getDownloadUrl': [
            () => output.getDownloadUrl(),
            async ({ url }) => sumOf(await (await fetch(url)).arrayBuffer()),
        ],
        'Job.workflow': [() => job.getWorkflow(), ({ format, workflow: graph }) => [format, graph['3'].inputs.steps]],
        'Job.refresh': [() => job.refresh(), stateOf],
        'jobs.get': [() => client.jobs.get(job.id), stateOf],
        'assets.get of an output': [
            () => client.assets.get(output.id),
            (asset) => ({ ...assetOf(asset), isOfJob: asset.jobId === job.id }),
        ],
    });
}

async function following() {
    const job = await tried(
        'submit',
        () => client.submit(workflows.fromString(JSON.stringify(sampled({ steps: 80 })))),
        stateOf,
    );
    const told = [];
    await tried(
        'Job.events',
        async () => {
            for await (const event of job.events()) told.push(event);
        },
        () => told.map(({ kind, status, step, output }) => [kind, status ?? step ?? output?.name ?? null]),
    );
    const previews = told.filter(({ kind }) => kind === 'preview');
    tell('previews', true, {
        result: previews.map(({ nodeId, contentType, data }) => [nodeId, contentType, data.length > 0]),
    });
    const values = told.filter(({ kind }) => kind === 'progress').map(({ value }) => value);
    tell('progress', true, {
        result: { grows: values.every((value, i) => value >= (values[i - 1] ?? 0)), last: values.at(-1) },
    });
    await tried(
        'Job.events of what has ended',
        async () => {
            const again = [];
            for await (const event of job.events()) again.push([event.kind, event.status ?? null]);
            return again;
        },
        (again) => again.at(-1),
    );
    await tried('Job.result', () => job.result(), stateOf);
}

async function refusing() {
    await triedTogether({
        'run of what cannot be': () => client.run(workflows.fromJson(impossible())),
        'submit of the other format': () =>
            client.submit(workflows.fromJson({ nodes: [], links: [], last_node_id: 1 })),
        'jobs.get of nobody': () => client.jobs.get(NOBODY),
        'assets.get of nobody': () => client.assets.get(NOBODY),
        'assets.delete of nobody': () => client.assets.delete(NOBODY),
        'submit of a missing asset': () =>
            client.submit(workflows.fromJson(copied({ __type: 'core/ASSET', info: { id: NOBODY } }))),
        'postAssets under another hash': () =>
            low.postAssets(new Blob([PNG]), 'image/png', 'a.png', { expectedHash: `blake3:${'0'.repeat(64)}` }),
        'assetFromHash of no blob': () => low.assetFromHash(`blake3:${'0'.repeat(64)}`, { filePath: 'a.png' }),
    });
}

async function uploading() {
    const [first, second, third, fourth] = [unheard(), unheard(), unheard(), unheard()];
    await writeFile(join(folder, 'first.png'), first);
    const file = client.assets.fromFile(join(folder, 'first.png'));
    await tried(
        'Asset.commit',
        () => file.commit(),
        () => assetOf(file),
    );
    await tried(
        'Asset.hash',
        () => file.hash(),
        async (hash) => hash === (await client.assets.fromBytes(first).hash()),
    );
    const again = client.assets.fromBytes(first, { filename: 'again.png', contentType: 'image/png' });
    await tried(
        'Asset.commit of what is there',
        () => again.commit(),
        () => assetOf(again),
    );
    await tried('assets.get', () => client.assets.get(file.id), assetOf);
    const workflow = workflows.fromJson(copied(''));
    workflow.setInput('1', 'image', client.assets.fromBytes(second, { filename: 'second.png' }));
    await tried(
        'run with an asset',
        () => client.run(workflow),
        async (job) => [job.status, await outputOf(job.outputs[0])],
    );
    await writeFile(join(folder, 'third.png'), third);
    const stream = await tried(
        'assets.fromStream',
        () => client.assets.fromStream(createReadStream(join(folder, 'third.png')), { filename: 'third.png' }),
        assetOf,
    );
    await tried(
        'Asset.asReference',
        () => stream.asReference(),
        ({ __type, info }) => [__type, Object.keys(info)],
    );
    await tried('assets.fromUrl', () => fromElsewhere(fourth), assetOf);
    await tried(
        'Asset.delete',
        () => stream.delete(),
        () => assetOf(stream),
    );
    await tried('assets.delete', () => client.assets.delete(file.id));
    await tried('assets.get of the deleted', () => client.assets.get(file.id));
}

async function fromElsewhere(content) {
    const server = createServer((_, answer) => answer.writeHead(200, { 'Content-Type': 'image/png' }).end(content));
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    const asset = await client.assets.fromUrl(`http://127.0.0.1:${server.address().port}/fourth.png`);
    server.close();
    await asset.commit();
    return asset;
}

/** The operations below the client. */
async function lower() {
    const content = unheard();
    const asset = await tried(
        'low.postAssets',
        () => low.postAssets(new Blob([content]), 'image/png', 'low.png', { tags: ['a', 'b'] }),
        ({ id: _, url: __, ...rest }) => rest,
    );
    await triedTogether({
        'low.headAssetByHash': () => low.headAssetByHash(asset.hash),
        'low.headAssetByHash of no blob': () => low.headAssetByHash(`blake3:${'1'.repeat(64)}`),
        'low.assetFromHash': [
            () => low.assetFromHash(asset.hash, { filePath: 'twin.png', tags: ['c'] }),
            ({ hash, created_new }) => [hash === asset.hash, created_new],
        ],
        'low.getAsset': [() => low.getAsset(asset.id), ({ hash, size_bytes }) => [hash === asset.hash, size_bytes]],
        'low.getAssetContent': [
            () => low.getAssetContent(asset.id, { range: [1, 3] }),
            async (answer) => [answer.status, answer.headers.get('content-range'), await answer.text()],
        ],
        'low.getAssetContentUrl': [
            () => low.getAssetContentUrl(asset.id),
            async ({ url }) => sumOf(await (await fetch(url)).arrayBuffer()).size,
        ],
    });
    const job = await tried(
        'low.postJobs',
        () =>
            low.postJobs(picture(), {
                idempotencyKey: crypto.randomUUID(),
                extraData: { api_key_comfy_org: 'a-secret' },
            }),
        ({ status, urls }) => [status, Object.keys(urls)],
    );
    const told = [];
    await tried(
        'low.getJobEvents',
        async () => {
            for await (const { event } of low.getJobEvents(job.urls.events)) told.push(event);
        },
        () => [...new Set(told)],
    );
    await triedTogether({
        'low.getJob': [() => low.getJob(job.urls.self), shapeOf],
        'low.getJobWorkflow': [() => low.getJobWorkflow(job.id), ({ format }) => format],
        'low.cancelJob': [() => low.cancelJob(job.urls.cancel), ({ status }) => status],
    });
    await tried('low.deleteAsset', () => low.deleteAsset(asset.id));
}

const shapeOf = ({ outputs, ...job }) => ({ job: Object.keys(job).sort(), output: Object.keys(outputs[0]).sort() });

async function submittingTwice() {
    const workflow = workflows.fromJson(picture());
    const idempotencyKey = crypto.randomUUID();
    const job = await client.submit(workflow, { idempotencyKey });
    await tried(
        'submit by the same key',
        () => client.submit(workflow, { idempotencyKey }),
        ({ id }) => id === job.id,
    );
    const other = workflows.fromJson(picture());
    await tried('submit of another by the same key', () => client.submit(other, { idempotencyKey }));
}

async function stopping() {
    const job = await client.submit(workflows.fromJson(endless()));
    await until(async () => (await job.refresh()).status === 'running');
    await tried('Job.wait in vain', () => job.wait(1));
    await tried(
        'Job.cancel',
        () => job.cancel(),
        ({ status }) => ['canceling', 'canceled'].includes(status),
    );
    await tried('Job.result of the cancelled', () => within(10_000, job.result()));
    await tried('Job.cancel again', () => job.cancel(), stateOf);
    const controller = new AbortController();
    controller.abort();
    await tried('submit that is aborted', () =>
        client.submit(workflows.fromJson(picture()), { signal: controller.signal }),
    );
}

/** More streams than a proxy has room for. */
async function crowding() {
    const job = await client.submit(workflows.fromJson(sampled({ steps: 20 })));
    const streams = Array.from({ length: 12 }, async () => {
        let last;
        for await (const event of low.getJobEvents(job.id)) last = event;
        return last.data.status;
    });
    await tried('low.getJobEvents by twelve', () => Promise.all(streams));
    await job.wait();
}

async function begin() {
    const job = await client.submit(workflows.fromJson(sampled({ steps: 100 })));
    await until(async () => (await job.refresh()).status === 'running');
    tell('begun', true, { result: job.id });
    for await (const _ of job.events());
}

async function resume(jobId) {
    const job = await tried('jobs.get after the crash', () => client.jobs.get(jobId), stateOf);
    await tried('Job.events after the crash', async () => {
        let last;
        for await (const event of job.events()) last = event;
        return last.status;
    });
    await tried(
        'Job.result after the crash',
        () => job.result(),
        async (done) => outputOf(done.getOutputs('9')[0]),
    );
}

async function keyed() {
    await tried('without a key', () => client.run(workflows.fromJson(picture())));
    const having = new Comfy({ apiKey: word });
    await tried(
        'with a key',
        () => having.run(workflows.fromJson(picture())),
        async ({ outputs }) => outputOf(outputs[0]),
    );
}

if (mode === 'begin') await begin();
else if (mode === 'resume') await resume(word);
else if (mode === 'keyed') await keyed();
else {
    await Promise.all([making(), refusing(), uploading(), submittingTwice()]);
    await Promise.all([following(), lower()]);
    await crowding();
    await stopping();
    process.exit();
}
