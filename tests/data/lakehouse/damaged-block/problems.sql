SELECT p.kind, p.severity, p.events, b.sequence FROM problems p JOIN blocks b USING (block_id) WHERE p.process_id = $process
