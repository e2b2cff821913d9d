import sys
def run():
    from fisc.project import embedded
    if sys.argv[1:] == ["db", "start"]:
        print("started" if embedded.start() else "already running", embedded.locate())
    elif sys.argv[1:] == ["db", "stop"]:
        print(embedded.stop())
    else:
        import os
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fisc.project.settings")
        embedded.start()
        from django.core.management import execute_from_command_line
        execute_from_command_line(["fisc", *sys.argv[1:]])
