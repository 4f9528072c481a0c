from leapocr import ProcessOptions

job = await client.ocr.process_file(
    Path("document.pdf"),
    options=ProcessOptions(
        template_slug="invoice-extraction"
    ),
)
