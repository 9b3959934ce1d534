# Flame chart
chart-label = Flame chart of threads
search-placeholder = Search spans ( / )
search-previous = Previous hit (Shift + Enter)
search-next = Next hit (Enter)
search-busy = searching…
search-position = { $at } of { $total }
search-total = { $total ->
    [0] no hits
    [one] 1 hit
   *[other] { $total } hits
}
status-loading = loading…
status-reading = reading spans, { $read } of { $wanted }…
unread-spans = not read yet: how many spans, not when they ran
status-only = Only { $process }
status-problem = some data did not load
fit-button = Fit
fit-title = Show the whole process (0)
color-title = Colour the spans by name, by how long they took, or by depth (C)
color-name = Colour: name
color-duration = Colour: duration
color-depth = Colour: depth
mode-title = Lay the spans out by time, merged by call path with the heaviest left, or around one function (V)
mode-timeline = Mode: timeline
mode-left-heavy = Mode: left heavy
mode-sandwich = Mode: sandwich
zoom-button = Zoom to it
zoom-title = Show this range (F)
help-close = Close
visible-time = shows { $duration }
overview-hits = ≤ { $most } in { $step }
overview-title = The whole process: drag to move what is shown
panel-hint = Click a span to see its details, drag to select a range. Press ? for all keys.
range-title = Selected range
range-logs = Logs of this range
range-logs-of = Logs of this range, { $process }
span-logs = Logs of this span
span-bucket = { $count } spans, longest { $longest }
span-merged = { $count } short spans drawn as one; this is the longest
span-depth = depth { $depth }
span-open = { $so_far } so far, still open
span-truncated = its begin or end was not recorded
span-problem = Details did not load: { $problem }
fact-duration = Duration
fact-self = Self
fact-count = Merged
fact-thread = Thread
fact-process = Process
fact-depth = Depth
fact-begin = Begin
fact-end = End
fact-target = Target
fact-source = Source
fact-note = Note
table-button = Table
table-title = Show the visible spans as a table
table-visible = Visible spans, { $shown } of { $total }
table-brushed = Visible spans that stand out, or may, { $shown } of { $total }
table-hits = Search hits, { $shown } of { $total }
table-name = Name
table-thread = Thread
table-process = Process
table-depth = Depth
table-begin = Begin
table-duration = Duration
table-count = Count

fact-begin-thread = Begin thread
fact-end-thread = End thread
fact-trace = Trace
lane-async = Async spans
tracks-label = Log entries, counters, attachments and markers
tracks-button = Counters
axis-button = Processes…
axis-button-of = Processes ({ $count })
axis-title = Processes on this axis
axis-hint = Counters, log entries and markers above the threads, and merged spans, are those of the process that this page is of.
axis-family = Parent and children
axis-others = Other processes
axis-find = Find other processes
axis-own = this page
axis-loading = Looking for parent and children…
axis-problem = No processes: { $problem }
axis-found = { $count ->
    [0] Nothing is called like this.
    [one] One process found
   *[other] { $count } processes found
}
axis-most = At most { $count } at once: remove one to add another.
axis-none = There is only this process here.
axis-frozen = A frozen link shows its own process only: others are left out.
fold-process-none = There is only this process on the axis.
follow-button = Follow
follow-title = Go along with the end of the live process (G)
follow-on = Following the end
follow-off = No longer following the end
follow-ended = The process has ended: nothing more comes.
follow-not-live = The process has ended: there is nothing to follow.
statistics-process = Process of the statistics
tracks-title = Counters shown above the threads
tracks-none = This process has measured nothing.
tracks-samples = { $count ->
    [one] 1 sample
   *[other] { $count } samples
}
track-logs = Logs
track-log-count = { $count ->
    [one] 1 line
   *[other] { $count } lines
}
track-markers = Markers
marker-others = and { $count ->
    [one] 1 more close by
   *[other] { $count } more close by
}
marker-properties = and { $count ->
    [one] 1 more property
   *[other] { $count } more properties
}
track-attachments = Attachments
attachment-preview = Preview of { $name }
attachment-broken = No preview: this is not the image it says it is, or it did not load.
track-frame-median = median { $median }
track-frame-compared = { $times } × the median of { $median }

# Linked events
links-label = Linked:
links-back = ← { $name }
links-on = { $name } →
links-none = Nothing is linked to it in this direction.
links-previous = From { $name }, { $duration } before ( [ )
links-next = To { $name }, { $duration } after ( ] )
links-parent = The async span that it is a part of ( [ )
links-child = The first async span that is a part of it ( ] )
links-problem = What it is linked to did not load: { $problem }

# Marks
track-marks = Marks
marks-button = Marks ({ $count })
marks-title = Moments that you have marked: name them, go to them, remove them
marks-time = Since the begin
marks-label = Label
marks-distance = To the next
marks-go = Go to { $when }
marks-name = Label of mark { $name }
marks-remove = Remove mark { $name }
mark-said = Mark { $name }, { $time }
mark-removed = Mark { $name } removed

# Merged spans
merged-callers = Callers
merged-callees = Calls
merged-count = Count
merged-total = Total
merged-self = Self
merged-average = Average
merged-share = Share
merged-path = Path
merged-spans = { $count ->
    [one] 1 span
   *[other] { $count } spans
}
merged-more = … and { $count } more
merged-visible = width shows { $duration }
merged-share-thread = { $share } % of its thread
merged-share-function = { $share } % of the function
merged-head = { $spans ->
    [one] 1 span
   *[other] { $spans } spans
} from { $begin } on, of { $duration }, merged to { $paths ->
    [one] 1 call path.
   *[other] { $paths } call paths.
}
merged-left-out = { $count ->
    [one] The lightest frame is left out.
   *[other] The { $count } lightest frames are left out.
}
merged-hint = Click a frame for its sums, double click to zoom to it. In a sandwich, Enter shows the next function.
merged-functions = { $count ->
    [one] 1 function
   *[other] { $count } functions
}
merged-table = Frames, { $shown } of { $total }
merged-sandwich = Sandwich
merged-sandwich-title = Show who calls it, and what it calls
merged-zoom-title = Show this frame as wide as the chart (F)
merged-loading = merging…
merged-none = There are no spans in this time.
merged-none-of-function = There is no span of this name in this time.
merged-not-saved = Who calls this function, and what it calls, was not saved with this page.
merged-problem = Spans could not be merged: { $problem }

# Keys
keys-title = Keys (?)
keys-zoom = Zoom in and out
keys-move = Move left and right
keys-scroll = Scroll the threads
keys-wheel-zoom = Zoom at the pointer
keys-drag-range = Select a range
keys-drag-pan = Move
keys-drag-zoom = Zoom to a range
keys-select = Select a span
keys-zoom-span = Zoom to a span
keys-brush = In the histogram of the statistics: let the spans stand out that took so long
keys-focus = Zoom to the selection, again: everything
keys-fit = Show everything
keys-fold = Fold the lane, or unfold it
keys-fold-process = Fold the process, or unfold it
keys-processes = Choose which processes share the axis
keys-follow = Follow the end of a live process, or stay
keys-range = Select the time of the span, or of what is shown; again: the other end moves
keys-mark = Mark the moment at the pointer, or both ends of what is selected; on a mark: name it
keys-remove-mark = Remove the mark closest to the pointer
keys-tracks = Go to log entries, counters, attachments and markers; there from row to row, from mark to mark, and Enter opens
keys-color = Colour by name, duration or depth
keys-mode = By time, merged with the heaviest left, or around one function
keys-search = Search
keys-clear = Clear
keys-begin = To the begin of the process
keys-end = To the end of the process
keys-next-sibling = Next span of the row
keys-previous-sibling = Previous span of the row
keys-row-above = Span above
keys-row-below = Span below
keys-previous-link = Previous linked event of the span
keys-next-link = Next linked event of the span
keys-next-lane = Next lane
keys-previous-lane = Previous lane
keys-extend-left = Move an end of the selected range to the left
keys-extend-right = Move an end of the selected range to the right
keys-next-mark = Next mark
keys-previous-mark = Previous mark
keys-list-marks = List the marks: name them, go to them, remove them
keys-counters = Choose counters
keys-table = What is visible as a table, or as a chart
keys-next-hit = Next hit of the search
keys-previous-hit = Previous hit of the search
keys-palette = All actions
keys-help = Show these keys
press-zoom = W  S
press-move = A  D  ←  →
press-scroll = ↑  ↓
press-wheel = Ctrl + wheel
press-drag = drag
press-drag-pan = Shift + drag
press-drag-zoom = Alt + drag
press-click = click
press-double-click = double click
press-brush = drag, or ←  → with Shift
press-focus = F
press-fit = 0
press-fold = X
press-fold-process = Shift + X
press-processes = P
press-follow = G
press-range = R
press-mark = M
press-remove-mark = Shift + M
press-tracks = L, then ←  ↑  ↓  →
press-color = C
press-mode = V
press-search = /
press-siblings = ,  { "." }
press-arrows = ←  ↑  ↓  →
press-arrows-star = ←  ↑  ↓  →  *
press-list = ↑  ↓  Space
press-clear = Esc
press-begin = Home
press-end = End
press-next-sibling = { "." }
press-previous-sibling = ,
press-row-above = Shift + ↑
press-row-below = Shift + ↓
press-previous-link = { "[" }
press-next-link = ]
press-next-lane = J
press-previous-lane = K
press-extend-left = Shift + ←
press-extend-right = Shift + →
press-next-mark = N
press-previous-mark = Shift + N
press-next-hit = Enter
press-previous-hit = Shift + Enter
press-palette = Ctrl + Shift + P  F1
palette-placeholder = What to do
palette-none = No action is called so.
mark-none = Nothing is marked.
press-help = ?
panel-label = What is selected
lane-folded = folded
lane-unfolded = unfolded

# Cell
cell-open = Open in the viewer
cell-problem = This flame chart cannot be shown: { $problem }
cell-metrics-problem = These metrics cannot be shown: { $problem }
cell-select-hint = What is selected here is the Selection of this result in code, and .sel in magics.
cell-selected = Selected, { $duration }:
cell-selected-path = Selected, of { $duration } all spans of one call path:
cell-range = a range of time
cell-selected-line = Selected, one line:
cell-selected-lines = Selected, lines of { $duration }
cell-selected-process = Selected:
cell-stale = Out of date: something else has been selected since this cell ran.
cell-stale-count = { $count ->
    [one] One cell used what was selected before.
   *[other] { $count } cells used what was selected before.
}
cell-stale-run = Run again
cell-stale-always = after each selection
cell-started = Started (UTC)
cell-only-asking = this page cannot ask the kernel
logs-label = Lines of a log
log-time = Time (UTC)
log-level = Level
log-thread = Thread
log-target = Target
log-message = Message
cell-saved-view = Drawn from what was saved with the notebook: this page cannot ask the kernel for more.
cell-unknown = Shown as it was saved: { $problem }
cell-lost = Nothing more is loaded here: { $problem }

# Pages
nav-label = Pages of this process
nav-lake = Pages of all processes
nav-processes = Processes
nav-process = Overview
nav-timeline = Timeline
nav-logs = Logs
nav-metrics = Metrics
nav-graph = Call graph
page-missing = There is no such page.
page-problem = The page did not load: { $problem }
language-label = Language
language-en = English
language-fr = Français
title-processes = Processes · Legion
title-missing = Not found · Legion

# Sign-in
title-sign-in = Sign in · Legion
sign-in-title = Sign in
sign-in-key = The key or token that opens this lake, of role read or admin
sign-in-button = Sign in
sign-out-button = Sign out of this browser
sign-in-refused = This key is not accepted.

# Processes
processes-search = Search processes ( / )
processes-count = { $count ->
    [one] 1 process
   *[other] { $count } processes
}
processes-none = No process matches.
processes-problem = Processes did not load: { $problem }
process-exe = Program
process-started = Started
process-lasted = Duration
process-state = State
process-user = User
process-computer = Computer
process-os = System
process-properties = Properties
process-live = live
process-ended = ended
process-problem = Process did not load: { $problem }
process-problems = { $count ->
    [one] 1 problem
   *[other] { $count } problems
}

# Timeline
timeline-problem = The timeline did not load: { $problem }
timeline-empty = This process has recorded no spans.

# Logs
logs-search = Search messages ( / )
logs-level = Least level
logs-all-time = whole process
logs-count = { $count ->
    [one] 1 line
   *[other] { $count } lines
}
logs-count-part = { $count ->
    [one] 1 line so far
   *[other] { $count } lines so far
}
logs-follow = Show what has come
logs-none = No line matches.
logs-hint = Choose a line to see all of it.
logs-in-timeline = Show in the timeline
logs-problem = Logs did not load: { $problem }
logs-level-count = { $count }
logs-level-count-part = { $count }+
logs-counted-part = { $read } of { $lines } lines counted
logs-count-all = Count all lines
logs-reading = reading…
logs-counting = Counting lines…
logs-histogram = Lines over time
logs-histogram-hint = Drag to show a time only, click to go there.
logs-histogram-bar = { $time } · { $duration } · { $count ->
    [one] 1 line
   *[other] { $count } lines
}
logs-histogram-bar-part = { $time } · { $duration } · { $count ->
    [one] 1 line so far, not all are counted
   *[other] { $count } lines so far, not all are counted
}
logs-context = Show neighbours
logs-context-back = Back to what was searched for
logs-patterns = Patterns
logs-patterns-part = of { $read } lines around this place, of { $total }: { $from } to { $to }
logs-patterns-all = { $read ->
    [one] of 1 line
   *[other] of all { $read } lines
}
logs-all-patterns = Show lines of all patterns
logs-keys-search = Search messages and targets
logs-keys-words = In a search: lines that have each of the words
logs-keys-phrase = In a search: words that follow each other
logs-keys-without = In a search: leave out lines that have a word, or words that follow each other
logs-keys-lines = Choose the line above or below
logs-keys-pages = In the list: a page up or down
logs-keys-ends = In the list: to the first or the last line
logs-keys-context = Show the neighbours of the chosen line, whatever is searched for, and back
logs-keys-patterns = Group lines by what they look like; a click shows those of a pattern
logs-keys-histogram = In the histogram: from bar to bar; Shift selects several
logs-keys-range = In the histogram: show the time of the bars only; with Shift go to it
press-words = one two
press-phrase = "one two"
press-without = -word  -"two words"
press-lines = ↑  ↓
press-line-pages = PgUp  PgDn
press-line-ends = Home  End
press-patterns = P
press-histogram = ←  →  Shift + ←  →
press-range-part = Enter  Shift + Enter
level-trace = trace
level-debug = debug
level-info = info
level-warn = warn
level-error = error
level-fatal = fatal

# Tables of a notebook
table-rows = rows { $from } to { $to } of { $total }
table-here = the first { $count } are here
table-first = First rows
table-previous = Previous rows
table-next = Next rows
table-last = Last rows
table-sort = Sort by { $column }

# Call graphs of a notebook
graph-search = Find a name
graph-back = Back to the name before
graph-roots = Roots
graph-roots-title = Show what nothing calls
graph-root = (root)
graph-all = The whole process
graph-callers = Called by
graph-callees = Calls
graph-cost = { $total } in { $calls ->
    [one] 1 call
   *[other] { $calls } calls
}
graph-total = Total
graph-self = Self
graph-calls = Calls

# Call graph of a process
graph-label = Call graph
graph-view-title = Show one function with its callers and callees, all call paths, or a drawing of all (V)
graph-view-butterfly = Butterfly
graph-view-tree = Tree
graph-view-nodes = Graph
graph-search-list = Search functions ( / )
graph-list = Functions of this time
graph-tree = Call paths of each thread
graph-share = Share of all time
graph-percent = { $share } %
graph-whole = Whole process
graph-whole-title = Show all of its time
graph-whole-shown = whole process, { $duration }
graph-part-shown = from { $begin } on, { $duration }
graph-recursion = recursion
graph-recursion-title = It calls itself: this time is a part of its own, and is not counted again.
graph-in-timeline-title = Search for its spans in the timeline
graph-more-paths = { $count ->
    [one] … and 1 more call path
   *[other] … and { $count } more call paths
}
graph-caller = Caller
graph-callee = Callee
graph-table = Calls, { $shown } of { $total }
graph-table-title = Show the calls of the drawing as a table
graph-drawn = { $functions ->
    [one] 1 function
   *[other] { $functions } functions
} and { $calls ->
    [one] 1 call
   *[other] { $calls } calls
} between functions.
graph-left-out = The lightest are left out: { $functions ->
    [one] 1 function
   *[other] { $functions } functions
} and { $calls ->
    [one] 1 call.
   *[other] { $calls } calls.
}
graph-no-webgl = This browser cannot draw them without WebGL; the table has them.
graph-keys-view = Butterfly, tree or graph
graph-keys-list = In the list: choose a function
graph-keys-beside = Previous and next function of the list
graph-keys-wings = In the butterfly: from call to call, and to the other side
graph-keys-tree = In the tree: from path to path, open and close, open all beside it
graph-keys-zoom = In the graph: zoom in and out
graph-keys-move = In the graph: move
graph-keys-focus = In the graph: go to the chosen function
graph-problem = The call graph did not load: { $problem }

# Metrics
metrics-label = Metrics over time
metrics-list = Metrics of the process
metrics-search = Search metrics ( / )
metrics-count = { $chosen } of { $count ->
    [one] 1 metric
   *[other] { $count } metrics
}
metrics-kind-count = count
metrics-kind-frame = frames
metrics-none = This process has measured nothing.
metrics-choose = Choose a metric to draw it.
metrics-not-saved = Not saved here: nobody can be asked for its values.
metrics-hint = Drag over a plot to select a time. Press ? for all keys.
metrics-keys-list = In the list: choose a metric
metrics-per-second = per second
metrics-per-step = sum of each step
metrics-counts-per-second = Counts: per second
metrics-counts-per-step = Counts: sum of each step of { $step }
metrics-per-title = Draw counts per second, or the sum of each step
metrics-table-title = Show what is drawn as a table
metrics-table-sums = Of the selected time, or of what is in sight
metrics-table-values = Over time: the last value of each part, or the sum of a count
metrics-least = Least
metrics-greatest = Greatest
metrics-last = Last
metrics-total = Sum
metrics-rate = Per second
metrics-problem = The metrics did not load: { $problem }

# Durations of spans over time, as a map.
heat-button = Durations
heat-title = Show the durations of spans over time as a map
heat-label = Durations of spans over time
heat-cells = Map of durations: arrow keys go from cell to cell, Enter opens the spans of one
heat-name = Spans whose durations are shown
heat-of = Durations of
heat-open = Open
heat-open-cell = Open { $count ->
    [one] the span
   *[other] { $count } spans
} that took { $low } to { $high } and ended within { $time } from { $when }
heat-cell = { $count ->
    [one] one span
   *[other] { $count } spans
} of { $low } to { $high }, ended within { $time } from { $when }
heat-none = No span of this name ended in this time.
heat-scale = Spans in a cell:
heat-scale-least = { $count } +
heat-table = { $shown ->
    [one] One cell
   *[other] The { $shown } fullest cells
} of { $count } of the durations of { $name }
heat-begin = From
heat-to = To
heat-count = Spans
heat-keys-walk = In the map of durations: go from cell to cell
heat-keys-open = In the map of durations: open the spans of the cell
metrics-keys-range = Select what is shown; again: the other end moves

# Links
share-button = Share
share-title = Make a short link to what is shown
share-frozen = Freeze: show what is there now, whatever comes later
share-expires = Opens
share-always = as long as it is there
share-days = { $count ->
    [one] for a day
   *[other] for { $count } days
}
share-make = Make the link
share-address = Link
share-notebook = The same in a notebook
share-copy = Copy
share-copied = Copied
share-until = It opens until { $when }.
share-problem = No link was made: { $problem }
link-opening = Opening the link…
link-missing = There is no such link here.
link-closed = This link opens nothing any more: it has expired, or what it showed was erased.
link-problem = The link did not open: { $problem }
frozen-label = Frozen
frozen-note = Frozen: what came later than { $when } is not shown.
frozen-gone = { $count ->
    [one] A part of it was erased or has expired since.
   *[other] { $count } parts of it were erased or have expired since.
}
frozen-leave = Show what is there now

# Statistics of a range
statistics-button = Statistics
statistics-title = How many spans of each name end in this range, and how long they took
statistics-close = Close
statistics-loading = Counting spans…
statistics-none = No span ends in this range.
statistics-head = { $spans ->
    [one] 1 span ends
   *[other] { $spans } spans end
} in this range; percentiles within 1 %.
statistics-problem = Spans could not be counted: { $problem }
statistics-least = Least
statistics-greatest = Greatest
statistics-median = p50
statistics-most = p90
statistics-nearly-all = p99
statistics-all-but-few = p99.9
statistics-histogram = How many took how long: drag over a part to see those spans in the chart
brush-none = Drag over a part to see those spans.
brush-lit = { $name } from { $low } to { $high }
brush-doubt = Half as high, grey: perhaps; zoom in.
brush-clear = Let no spans stand out
statistics-bucket = { $count ->
    [one] 1 span
   *[other] { $count } spans
} from { $low } to { $high }

# Query
title-query = Query · Legion
nav-query = Query
query-editor = SQL
query-completions = Suggestions
query-control-character = Control character
query-run = Run
query-run-title = Run the query (Ctrl + Enter)
query-cancel = Cancel
query-cancel-title = Cancel the query (Esc)
query-running = running, { $duration }
query-cancelled = Cancelled.
query-hint = Write a query and run it with Ctrl + Enter. Names stand in the schema.
query-schema = Schema
query-schema-title = Show or hide the views and their columns
query-schema-search = Search names ( / )
query-schema-none = Nothing has this name.
query-schema-problem = The schema did not load: { $problem }
query-saved = Saved queries
query-saved-by = Saved by { $by } on { $when }
query-views = Views
query-by-process = by process
query-needs-process = A query has to name its processes: process_id = '…'
query-insert = Insert { $name }
query-view = How the result is shown
query-table = Table
query-chart = Chart
query-raw = Exact values
query-raw-title = Show numbers and times as they came, without units
query-csv = Copy CSV
query-csv-title = Copy the rows that are here, with exact values
query-notebook = Copy notebook cell
query-notebook-title = Copy a cell for a notebook that runs the same query
query-all-time = All times
query-result = Rows of the result
query-rows = { $count ->
    [one] 1 row
   *[other] { $count } rows
}
query-first-rows = first { $count } rows
query-no-rows = The query found no rows.
query-read = { $size } behind it
query-built = { $count ->
    [one] built 1 partition in { $duration }
   *[other] built { $count } partitions in { $duration }
}
query-newest = as of { $when }
query-lost = { $count ->
    [one] Of the processes behind this result, 1 event was dropped or never came.
   *[other] Of the processes behind this result, { $count } events were dropped or never came.
}
query-problem = The query failed: { $problem }
query-stale = The SQL has changed since this result.
query-long = This SQL is too long for an address: a link to this page, or loading it again, brings no SQL.
query-null = null
query-links = Pages
query-in-timeline = Show in the timeline
query-in-process = Show the process
query-cell = The chosen value
query-chart-over = Over
query-chart-kind = As
query-chart-line = Line
query-chart-points = Points
query-chart-bars = Bars
query-chart-columns = Columns
query-chart-label = Chart of { $columns } over { $over }; the table has the same values
query-chart-nothing = There are no numbers to draw.
query-chart-left-out = { $count ->
    [one] 1 row has no value on this axis, and is not drawn.
   *[other] { $count } rows have no value on this axis, and are not drawn.
}
query-chart-first = Drawn are the first { $count } of { $total } rows.
query-chart-one = Over texts one column is drawn: { $column }.
query-keys-run = Run the query
query-keys-cancel = Cancel the query, close a list
query-keys-complete = Suggest names
query-keys-indent = Indent lines more or less
query-keys-leave = Leave the editor
query-keys-search = Search the schema
query-keys-cells = In the result: go from cell to cell, or a page
query-keys-ends = In the result: first and last column, first and last cell
query-keys-open = In the result: show the row in the timeline
query-keys-copy = In the result: copy the exact value
query-keys-zoom = In a chart: zoom; a double click shows all of it
press-run = Ctrl + Enter
press-complete = Ctrl + Space
press-indent = Ctrl + ]  Ctrl + [
press-leave = Tab
press-cells = ←  ↑  ↓  →  PgUp  PgDn
press-cell-ends = Home  End  Ctrl + Home  Ctrl + End
press-open = Enter
press-copy = Ctrl + C

# Process
process-facts = What it is
process-id = Id
process-cpu = Processor
process-runtime = Runtime
process-seen = Last heard of
process-end = Ended
process-reason = How it ended
process-parent = Started by
process-details = Details
process-details-of = Details of { $name }
health-title = Health
health-loading = Looking through what is stored…
health-problem = What is missing could not be found out: { $problem }
health-lost = { $count ->
    [0] No event was dropped or is missing.
    [one] 1 event was dropped or never came.
   *[other] { $count } events were dropped or never came.
}
health-left-out = { $count ->
    [one] 1 event was left out on purpose, or erased.
   *[other] { $count } events were left out on purpose, or erased.
}
health-clock-steady = The clock is steady.
health-clock-changes = The rate of the clock changed: times around it may be off.
health-whole = All that was sent can be read.
health-single = One by one, the worst first
health-kind = What
health-severity = Severity
health-count = How often
health-events = Events
health-bytes = Size
health-from = From
health-until = Until
health-stream = Stream
health-detail = Detail
problem-damaged = damaged block
problem-lost = missing blocks
problem-gap = dropped events
problem-clock = clock
problem-attachment = attachment
gap-memory = its memory was full
gap-spool = its spool was full
gap-sampled = left out on purpose
gap-damaged = damaged before they were sent
gap-refused = refused by the server
gap-erased = erased
severity-info = info
severity-warn = warning
severity-error = error
class-trace = spans
class-metric = metrics
class-log = logs
class-other = other
streams-title = Streams
streams-none = This process has no streams.
streams-total = { $streams ->
    [one] 1 stream
   *[other] { $streams } streams
}, { $events } events in { $blocks } blocks, { $size } stored
streams-name = Name
streams-class = Kind
streams-thread = Thread
streams-blocks = Blocks
streams-raw = Uncompressed
streams-first = First event
streams-last = Last event
files-title = Attachments
files-none = This process sent no files along.
files-problem = The attachments did not load: { $problem }
files-first = The first { $count } of { $total }
files-name = Name
files-type = Type
files-time = Time
files-state = State
files-complete = complete
files-incomplete = incomplete
children-title = Processes it started

# Reports
nav-reports = Reports
title-reports = Reports · Legion
title-report = { $title } · Legion
reports-search = Search by title or author
reports-count = { $count ->
    [0] no reports
    [one] 1 report
   *[other] { $count } reports
}
reports-none = Nobody has published a report yet. A notebook becomes one by
reports-publish = legion report publish notebook.ipynb
reports-none-found = No report has this in its title or author.
reports-more = Only the newest { $shown } are shown: search for others.
reports-problem = Reports did not load: { $problem }
report-title = Title
report-by = Author
report-created = Published
report-expires = Opens until
report-size = Size
report-untitled = (without a title)
report-remove = Remove
report-remove-of = Remove { $title }
report-remove-question = Remove this report for good?
report-keep = Keep it
report-removed = The report was removed.
report-not-removed = The report was not removed: { $problem }
report-opening = Opening the report…
report-missing = There is no such report here.
report-closed = This report opens no more: it was removed, has expired, or what it showed was erased.
report-problem = The report did not open: { $problem }
report-back = ← Reports
report-until = opens until { $when }
report-copy = Copy the link
report-copied = Copied
report-not-copied = Not copied: the browser does not allow it
report-alone = Open it by itself
report-alone-title = In a tab of its own, where links in the report can be followed
report-links = Links in a report open only where it is opened by itself.
report-frame = Report: { $title }
