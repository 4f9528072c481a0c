from leapocr import ProcessOptions, Format

job = await client.ocr.process_file(
    Path("document.pdf"),
    options=ProcessOptions(
        format=Format.STRUCTURED,
        schema={
            "type": "object",
            "properties": {
                "invoice_number": {"type": "string"},
                "date": {"type": "string"},
                "total_amount": {"type": "number"},
            },
        },
        instructions="Extract invoice details from the document",
    ),
)
