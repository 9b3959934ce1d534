"""Prints the spans of trace streams as FORMAT.md says that their events nest, in the order in which they end.

    legion_spans.py FILE...

Every line of output is a JSON object: a span, whose end is null where it was lost or has not come, or what is damaged.
"""
import itertools, sys
from legion_reader import check, noting, read, refer, write

def spans(block, schemas, stack):
    """The spans that end in a block. The stack goes from block to block of a stream."""
    def push(ordinal, begin_ns, name, site):
        parent = stack[-1]["id"] if stack else None
        stack.append(dict(id=ordinal, parent=parent, depth=len(stack), begin_ns=begin_ns, end_ns=None, name=name or site and site[0]))
    if not block.flags & 1:
        still = {span[0] for span in block.open_spans}
        yield from [span for span in stack if span["id"] not in still]
        stack.clear()
        for ordinal, _, begin_ns, _, site, _, name, _ in block.open_spans: push(ordinal, begin_ns, name, refer(block.sites, site))
    for ordinal, kind, row in block.events(schemas):
        if kind in ("legion.span_begin", "legion.span_begin_dynamic"): push(ordinal, block.ns(row["tick"]), row.get("name"), row["site"])
        if kind == "legion.span_end":
            check(stack, "a span ends that never began")
            yield {**stack.pop(), "end_ns": block.ns(row["tick"])}

def main(paths):
    schemas, blocks, damage = read(paths)
    for _, stream in itertools.groupby(blocks, lambda block: block.stream):
        stack = []
        for block in stream:
            with noting(damage):
                for span in spans(block, schemas, stack) if block.stream_class == 0 else (): write(span=span)
        for span in stack: write(span=span)
    for sentence in damage: write(error=sentence)
    return bool(damage)

if __name__ == "__main__": sys.exit(main(sys.argv[1:]))
