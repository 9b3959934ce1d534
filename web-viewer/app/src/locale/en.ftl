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
table-depth = Depth
table-begin = Begin
table-duration = Duration
table-count = Count

fact-begin-thread = Begin thread
fact-end-thread = End thread
fact-trace = Trace
lane-async = Async spans
tracks-label = Log entries, counters and markers
tracks-button = Counters
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
keys-range = Select the time of the span, or of what is shown; again: the other end moves
keys-mark = Mark the moment at the pointer, or both ends of what is selected; on a mark: name it
keys-remove-mark = Remove the mark closest to the pointer
keys-tracks = Go to log entries, counters and markers; there from row to row, from mark to mark, and Enter opens
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
press-range = R
press-mark = M
press-remove-mark = Shift + M
press-tracks = L, then ←  ↑  ↓  →
press-color = C
press-mode = V
press-search = /
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
nav-processes = Processes
nav-timeline = Timeline
nav-logs = Logs
nav-metrics = Metrics
page-missing = There is no such page.
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
logs-count-more = first { $count } lines
logs-none = No line matches.
logs-hint = Choose a line to see all of it.
logs-in-timeline = Show in the timeline
logs-problem = Logs did not load: { $problem }
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
