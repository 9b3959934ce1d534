"""Drives the installed kernel as a front end does, and prints as JSON what it saw.

usage: front_end.py SCENARIO
"""
import json
import sys
import time

from jupyter_client.manager import start_new_kernel

PATIENCE = 60  # seconds; a kernel that is there answers in a fraction of one


class FrontEnd:
    def __init__(self, manager, client):
        self.manager = manager
        self.client = client

    def run(self, code, answer=None, seen=None, **options):
        """One cell: its reply, and what it put out.

        answer: called with each question; its return value is sent, unless it is None.
        seen: called with each text of a stream.
        """
        questions, outputs = [], []

        def hook(message):
            if message["msg_type"] != "status":
                outputs.append({"type": message["msg_type"], **message["content"]})
            if message["msg_type"] == "stream" and seen:
                seen(message["content"]["text"])

        def stdin(message):
            questions.append(message["content"])
            text = answer(message["content"])
            if text is not None:
                self.client.input(text)

        reply = self.client.execute_interactive(
            code, allow_stdin=answer is not None, output_hook=hook, stdin_hook=stdin, timeout=PATIENCE, **options)
        return {"reply": reply["content"], "outputs": outputs, "questions": questions}

    def asked(self, method, *arguments, **options):
        return getattr(self.client, method)(*arguments, reply=True, timeout=PATIENCE, **options)["content"]


def input_scenario(front):
    return {
        "answered": front.run('Console.WriteLine("a"); var name = input("name: "); name + password("token: ")',
                              answer=lambda question: "secret" if question["password"] else "Åsa 😀"),
        "line": front.run("Console.ReadLine()", answer=lambda question: "read"),
        "refused": front.run("input()"),
        "interrupted": front.run("input()", answer=lambda question: front.manager.interrupt_kernel()),
        "after": front.run("name"),
    }


def interrupt_scenario(front):
    def interrupt(text):
        front.manager.interrupt_kernel()

    # A pattern that takes longer than the universe on this text, inside one call.
    library = 'Console.WriteLine("go"); System.Text.RegularExpressions.Regex.IsMatch(new string(\'a\', 60) + "!", "^(a+)+$")'
    return {
        "loop": front.run('var kept = 1; Console.WriteLine("go"); while (true) { }', seen=interrupt),
        "library": front.run(library, seen=interrupt),
        "after": front.run("1 + 1"),
    }


def restart_scenario(front):
    front.run("var a = 1;")
    begin = time.monotonic()
    front.manager.restart_kernel()
    front.client.wait_for_ready(timeout=PATIENCE)
    seconds = time.monotonic() - begin
    return {"seconds": seconds, "after": front.run("a"), "count": front.run("1")}


def stream_scenario(front):
    # The cell goes on only when it is answered, and that happens when the thread's text is here.
    texts = []

    def answer(question):
        # What is published and what is asked are channels of their own.
        while not any("from a thread" in text for text in texts):
            message = front.client.get_iopub_msg(timeout=PATIENCE)
            if message["msg_type"] == "stream":
                texts.append(message["content"]["text"])
        return "seen"

    code = 'var thread = new Thread(() => Console.WriteLine("from a thread")); thread.Start(); thread.Join(); input()'
    return {"cell": front.run(code, answer=answer, seen=texts.append), "texts": texts}


def error_scenario(front):
    return {
        "compiled": front.run("var a = 1;\n  nope"),
        "thrown": front.run("var zero = 0;\n  1 / zero"),
        "magic": front.run("#!whom"),
        "aborted": front.run("1"),
    }


def history_scenario(front):
    return {
        "counted": front.run("20 + 1"),
        "silent": front.run("var s = 3; Console.WriteLine(s); s", silent=True),
        "unstored": front.run("s + 1", store_history=False),
        "expressions": front.run("var x = 5;", user_expressions={"sum": "x + s", "wrong": "nothing"}),
        "tail": front.asked("history", hist_access_type="tail", n=10, output=True),
        "range": front.asked("history", hist_access_type="range", session=0, start=1, stop=2),
        "search": front.asked("history", hist_access_type="search", pattern="var*", n=10),
    }


def completion_scenario(front):
    front.run("/// <summary>Adds one.</summary>\nint Next(int n) => n + 1;\nvar words = new List<string>();")
    return {
        "member": front.asked("complete", 'var s = "😀"; words.Ad', len('var s = "😀"; words.Ad')),
        "magic": front.asked("complete", "#!wh", 4),
        "own": front.asked("inspect", "Next(1)", 2),
        "lake": front.asked("inspect", "default(NotebookLake).FlameAsync(", len("default(NotebookLake).FlameAsync(")),
        "input": front.asked("inspect", "input()", 2),
        "runtime": front.asked("inspect", "List<int>", 2),
        "nothing": front.asked("inspect", "   ", 1),
    }


def main(scenario):
    manager, client = start_new_kernel(kernel_name="legion", startup_timeout=PATIENCE)
    try:
        print(json.dumps(scenario(FrontEnd(manager, client))))
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


main(globals()[sys.argv[1] + "_scenario"])
