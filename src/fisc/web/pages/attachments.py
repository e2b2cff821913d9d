"""Files of documents, up and down, through the checks of `fisc.kernel.documents`."""

from __future__ import annotations

from django.contrib import messages
from django.http import FileResponse, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_POST

from fisc.base.errors import FiscError
from fisc.kernel.documents import attach, open_attachment
from fisc.web.pages.document import load
from fisc.web.request import Request


@require_POST
def upload(request: Request, pk: int) -> HttpResponse:
    """Attach the files; each that is refused says why."""
    _, document = load(request, pk)
    for file in request.FILES.getlist("files"):
        try:
            attach(
                document_id=document.pk,
                filename=file.name or "",
                content=file.read(),
                actor=request.actor,
                at=request.now,
            )
        except FiscError as error:
            messages.error(request, f"{file.name}：{error.message}")
    return HttpResponseRedirect(f"/doc/{pk}/#files")


def download(request: Request, pk: int) -> FileResponse:
    """The file, always as a download, never shown in the page's origin."""
    attachment, content = open_attachment(actor=request.actor, id=pk)
    response = FileResponse(content, as_attachment=True, filename=attachment.filename)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
